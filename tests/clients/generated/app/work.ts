// Work orders, and all that belongs to one.

import { answer, bytes, done, ifMatch, once, type Api, type Body, type Query } from "./client";

export const listAttachments = (api: Api, query: Query<"listAttachments"> = {}) =>
  answer(api.GET("/api/v1/attachments", { params: { query } }));
export const exportAttachments = (api: Api, query: Query<"exportAttachments"> = {}) =>
  answer(api.GET("/api/v1/attachments/export.csv", { params: { query }, parseAs: "text" }));
export const getAttachment = (api: Api, id: string) => answer(api.GET("/api/v1/attachments/{id}", { params: { path: { id } } }));
export const getAttachmentContent = (api: Api, id: string, query: Query<"getAttachmentContent"> = {}) =>
  answer(api.GET("/api/v1/attachments/{id}/content", { params: { path: { id }, query }, parseAs: "blob" }));
export const showPicture = (api: Api, warehouse: string, id: string, variant: "original" | "display" | "thumbnail", query: Query<"showPicture">) =>
  answer(api.GET("/api/v1/pictures/{warehouse}/{id}/{variant}", { params: { path: { warehouse, id, variant }, query }, parseAs: "blob" }));
export const listWorkOrders = (api: Api, query: Query<"listWorkOrders"> = {}) =>
  answer(api.GET("/api/v1/work-orders", { params: { query } }));
export const createWorkOrder = (api: Api, body: Body<"createWorkOrder">) =>
  answer(api.POST("/api/v1/work-orders", { params: { header: { ...once() } }, body }));
export const exportWorkOrders = (api: Api, query: Query<"exportWorkOrders"> = {}) =>
  answer(api.GET("/api/v1/work-orders/export.csv", { params: { query }, parseAs: "text" }));
export const getWorkOrder = (api: Api, id: string, query: Query<"getWorkOrder"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}", { params: { path: { id }, query } }));
export const updateWorkOrder = (api: Api, id: string, body: Body<"updateWorkOrder">, etag?: string) =>
  answer(api.PATCH("/api/v1/work-orders/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const acknowledgeWorkOrder = (api: Api, id: string, body: Body<"acknowledgeWorkOrder">, etag?: string) =>
  answer(api.POST("/api/v1/work-orders/{id}/acknowledge", { params: { path: { id }, header: { ...ifMatch(etag), ...once() } }, body }));
export const assignWorkOrder = (api: Api, id: string, body: Body<"assignWorkOrder">, etag?: string) =>
  answer(api.POST("/api/v1/work-orders/{id}/assign", { params: { path: { id }, header: { ...ifMatch(etag), ...once() } }, body }));
export const listWorkOrderAttachments = (api: Api, id: string, query: Query<"listWorkOrderAttachments"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/attachments", { params: { path: { id }, query } }));
export const uploadWorkOrderAttachment = (api: Api, id: string, file: Blob, query: Query<"uploadWorkOrderAttachment">) =>
  answer(api.POST("/api/v1/work-orders/{id}/attachments", { params: { path: { id }, query }, body: "", ...bytes(file) }));
export const getWorkOrderAttachment = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/attachments/{child}", { params: { path: { id, child } } }));
export const listChecklistItems = (api: Api, id: string, query: Query<"listChecklistItems"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/checklist", { params: { path: { id }, query } }));
export const createChecklistItem = (api: Api, id: string, body: Body<"createChecklistItem">) =>
  answer(api.POST("/api/v1/work-orders/{id}/checklist", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteChecklistItem = (api: Api, id: string, child: string, etag?: string) =>
  done(api.DELETE("/api/v1/work-orders/{id}/checklist/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } } }));
export const getChecklistItem = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/checklist/{child}", { params: { path: { id, child } } }));
export const updateChecklistItem = (api: Api, id: string, child: string, body: Body<"updateChecklistItem">, etag?: string) =>
  answer(api.PATCH("/api/v1/work-orders/{id}/checklist/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const listComments = (api: Api, id: string, query: Query<"listComments"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/comments", { params: { path: { id }, query } }));
export const createComment = (api: Api, id: string, body: Body<"createComment">) =>
  answer(api.POST("/api/v1/work-orders/{id}/comments", { params: { path: { id }, header: { ...once() } }, body }));
export const getComment = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/comments/{child}", { params: { path: { id, child } } }));
export const listCrewMembers = (api: Api, id: string, query: Query<"listCrewMembers"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/crew", { params: { path: { id }, query } }));
export const createCrewMember = (api: Api, id: string, body: Body<"createCrewMember">) =>
  answer(api.POST("/api/v1/work-orders/{id}/crew", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteCrewMember = (api: Api, id: string, child: string) =>
  done(api.DELETE("/api/v1/work-orders/{id}/crew/{child}", { params: { path: { id, child } } }));
export const getCrewMember = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/crew/{child}", { params: { path: { id, child } } }));
export const listEscalations = (api: Api, id: string, query: Query<"listEscalations"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/escalations", { params: { path: { id }, query } }));
export const getEscalation = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/escalations/{child}", { params: { path: { id, child } } }));
export const listHistoryEntries = (api: Api, id: string, query: Query<"listHistoryEntries"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/history", { params: { path: { id }, query } }));
export const getHistoryEntry = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/history/{child}", { params: { path: { id, child } } }));
export const listUsedParts = (api: Api, id: string, query: Query<"listUsedParts"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/parts", { params: { path: { id }, query } }));
export const createUsedPart = (api: Api, id: string, body: Body<"createUsedPart">) =>
  answer(api.POST("/api/v1/work-orders/{id}/parts", { params: { path: { id }, header: { ...once() } }, body }));
export const getUsedPart = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/parts/{child}", { params: { path: { id, child } } }));
export const listRelations = (api: Api, id: string, query: Query<"listRelations"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/relations", { params: { path: { id }, query } }));
export const createRelation = (api: Api, id: string, body: Body<"createRelation">) =>
  answer(api.POST("/api/v1/work-orders/{id}/relations", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteRelation = (api: Api, id: string, child: string) =>
  done(api.DELETE("/api/v1/work-orders/{id}/relations/{child}", { params: { path: { id, child } } }));
export const getRelation = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/relations/{child}", { params: { path: { id, child } } }));
export const listReservations = (api: Api, id: string, query: Query<"listReservations"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/reservations", { params: { path: { id }, query } }));
export const createReservation = (api: Api, id: string, body: Body<"createReservation">) =>
  answer(api.POST("/api/v1/work-orders/{id}/reservations", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteReservation = (api: Api, id: string, child: string, etag?: string) =>
  done(api.DELETE("/api/v1/work-orders/{id}/reservations/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } } }));
export const getReservation = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/reservations/{child}", { params: { path: { id, child } } }));
export const updateReservation = (api: Api, id: string, child: string, body: Body<"updateReservation">, etag?: string) =>
  answer(api.PATCH("/api/v1/work-orders/{id}/reservations/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const listTimeLogs = (api: Api, id: string, query: Query<"listTimeLogs"> = {}) =>
  answer(api.GET("/api/v1/work-orders/{id}/time-logs", { params: { path: { id }, query } }));
export const createTimeLog = (api: Api, id: string, body: Body<"createTimeLog">) =>
  answer(api.POST("/api/v1/work-orders/{id}/time-logs", { params: { path: { id }, header: { ...once() } }, body }));
export const getTimeLog = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/work-orders/{id}/time-logs/{child}", { params: { path: { id, child } } }));
export const updateTimeLog = (api: Api, id: string, child: string, body: Body<"updateTimeLog">, etag?: string) =>
  answer(api.PATCH("/api/v1/work-orders/{id}/time-logs/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const transitionWorkOrder = (api: Api, id: string, body: Body<"transitionWorkOrder">, etag?: string) =>
  answer(api.POST("/api/v1/work-orders/{id}/transitions", { params: { path: { id }, header: { ...ifMatch(etag), ...once() } }, body }));
