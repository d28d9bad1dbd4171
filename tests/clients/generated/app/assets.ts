// Machines, parts, vendors and what is ordered of them.

import { answer, asCsv, asForm, done, ifMatch, once, type Api, type Body, type FormOf, type Query } from "./client";

export const listMachines = (api: Api, query: Query<"listMachines"> = {}) =>
  answer(api.GET("/api/v1/equipment", { params: { query } }));
export const createMachine = (api: Api, body: Body<"createMachine">) =>
  answer(api.POST("/api/v1/equipment", { params: { header: { ...once() } }, body }));
export const exportMachines = (api: Api, query: Query<"exportMachines"> = {}) =>
  answer(api.GET("/api/v1/equipment/export.csv", { params: { query }, parseAs: "text" }));
export const importMachines = (api: Api, body: string, query: Query<"importMachines"> = {}) =>
  answer(api.POST("/api/v1/equipment/import", { params: { query, header: { ...once() } }, body, ...asCsv }));
export const getMachineLabels = (api: Api, query: Query<"getMachineLabels"> = {}) =>
  answer(api.GET("/api/v1/equipment/labels", { params: { query }, parseAs: "text" }));
export const getMachine = (api: Api, id: string, query: Query<"getMachine"> = {}) =>
  answer(api.GET("/api/v1/equipment/{id}", { params: { path: { id }, query } }));
export const updateMachine = (api: Api, id: string, body: Body<"updateMachine">, etag?: string) =>
  answer(api.PATCH("/api/v1/equipment/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listDowntimeIntervals = (api: Api, id: string, query: Query<"listDowntimeIntervals"> = {}) =>
  answer(api.GET("/api/v1/equipment/{id}/downtime", { params: { path: { id }, query } }));
export const createDowntimeInterval = (api: Api, id: string, body: Body<"createDowntimeInterval">) =>
  answer(api.POST("/api/v1/equipment/{id}/downtime", { params: { path: { id }, header: { ...once() } }, body }));
export const getDowntimeInterval = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/equipment/{id}/downtime/{child}", { params: { path: { id, child } } }));
export const updateDowntimeInterval = (api: Api, id: string, child: string, body: Body<"updateDowntimeInterval">, etag?: string) =>
  answer(api.PATCH("/api/v1/equipment/{id}/downtime/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const listMachineEvents = (api: Api, id: string, query: Query<"listMachineEvents"> = {}) =>
  answer(api.GET("/api/v1/equipment/{id}/history", { params: { path: { id }, query } }));
export const exportMachineEvents = (api: Api, id: string, query: Query<"exportMachineEvents"> = {}) =>
  answer(api.GET("/api/v1/equipment/{id}/history/export.csv", { params: { path: { id }, query }, parseAs: "text" }));
export const getMachineKpis = (api: Api, id: string, query: Query<"getMachineKpis">) =>
  answer(api.GET("/api/v1/equipment/{id}/kpis", { params: { path: { id }, query } }));
export const listMachineMeters = (api: Api, id: string, query: Query<"listMachineMeters"> = {}) =>
  answer(api.GET("/api/v1/equipment/{id}/meters", { params: { path: { id }, query } }));
export const createMachineMeter = (api: Api, id: string, body: Body<"createMachineMeter">) =>
  answer(api.POST("/api/v1/equipment/{id}/meters", { params: { path: { id }, header: { ...once() } }, body }));
export const getMachineMeter = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/equipment/{id}/meters/{child}", { params: { path: { id, child } } }));
export const updateMachineMeter = (api: Api, id: string, child: string, body: Body<"updateMachineMeter">, etag?: string) =>
  answer(api.PATCH("/api/v1/equipment/{id}/meters/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const getMachineLabel = (api: Api, id: string) =>
  answer(api.GET("/api/v1/equipment/{id}/qr.svg", { params: { path: { id } }, parseAs: "text" }));
export const renewMachineLabel = (api: Api, id: string, body: Body<"renewMachineLabel">) =>
  answer(api.POST("/api/v1/equipment/{id}/qr/renew", { params: { path: { id }, header: { ...once() } }, body }));
export const listMeters = (api: Api, query: Query<"listMeters"> = {}) => answer(api.GET("/api/v1/meters", { params: { query } }));
export const createMeter = (api: Api, body: Body<"createMeter">) =>
  answer(api.POST("/api/v1/meters", { params: { header: { ...once() } }, body }));
export const exportMeters = (api: Api, query: Query<"exportMeters"> = {}) =>
  answer(api.GET("/api/v1/meters/export.csv", { params: { query }, parseAs: "text" }));
export const getMeter = (api: Api, id: string) => answer(api.GET("/api/v1/meters/{id}", { params: { path: { id } } }));
export const updateMeter = (api: Api, id: string, body: Body<"updateMeter">, etag?: string) =>
  answer(api.PATCH("/api/v1/meters/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listReadings = (api: Api, id: string, query: Query<"listReadings"> = {}) =>
  answer(api.GET("/api/v1/meters/{id}/readings", { params: { path: { id }, query } }));
export const createReading = (api: Api, id: string, body: Body<"createReading">) =>
  answer(api.POST("/api/v1/meters/{id}/readings", { params: { path: { id }, header: { ...once() } }, body }));
export const exportReadings = (api: Api, id: string, query: Query<"exportReadings"> = {}) =>
  answer(api.GET("/api/v1/meters/{id}/readings/export.csv", { params: { path: { id }, query }, parseAs: "text" }));
export const getReading = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/meters/{id}/readings/{child}", { params: { path: { id, child } } }));
export const updateReading = (api: Api, id: string, child: string, body: Body<"updateReading">, etag?: string) =>
  answer(api.PATCH("/api/v1/meters/{id}/readings/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const listParts = (api: Api, query: Query<"listParts"> = {}) => answer(api.GET("/api/v1/parts", { params: { query } }));
export const createPart = (api: Api, body: Body<"createPart">) =>
  answer(api.POST("/api/v1/parts", { params: { header: { ...once() } }, body }));
export const exportParts = (api: Api, query: Query<"exportParts"> = {}) =>
  answer(api.GET("/api/v1/parts/export.csv", { params: { query }, parseAs: "text" }));
export const importParts = (api: Api, body: string, query: Query<"importParts"> = {}) =>
  answer(api.POST("/api/v1/parts/import", { params: { query, header: { ...once() } }, body, ...asCsv }));
export const getPart = (api: Api, id: string) => answer(api.GET("/api/v1/parts/{id}", { params: { path: { id } } }));
export const updatePart = (api: Api, id: string, body: Body<"updatePart">, etag?: string) =>
  answer(api.PATCH("/api/v1/parts/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listPartTransactions = (api: Api, id: string, query: Query<"listPartTransactions"> = {}) =>
  answer(api.GET("/api/v1/parts/{id}/transactions", { params: { path: { id }, query } }));
export const createPartTransaction = (api: Api, id: string, body: Body<"createPartTransaction">) =>
  answer(api.POST("/api/v1/parts/{id}/transactions", { params: { path: { id }, header: { ...once() } }, body }));
export const exportPartTransactions = (api: Api, id: string, query: Query<"exportPartTransactions"> = {}) =>
  answer(api.GET("/api/v1/parts/{id}/transactions/export.csv", { params: { path: { id }, query }, parseAs: "text" }));
export const getPartTransaction = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/parts/{id}/transactions/{child}", { params: { path: { id, child } } }));
export const listReorderDrafts = (api: Api, query: Query<"listReorderDrafts"> = {}) =>
  answer(api.GET("/api/v1/reorder-drafts", { params: { query } }));
export const createReorderDrafts = (api: Api, body: Body<"createReorderDrafts">) =>
  answer(api.POST("/api/v1/reorder-drafts", { params: { header: { ...once() } }, body }));
export const exportReorderDrafts = (api: Api, query: Query<"exportReorderDrafts"> = {}) =>
  answer(api.GET("/api/v1/reorder-drafts/export.csv", { params: { query }, parseAs: "text" }));
export const getReorderDraft = (api: Api, id: string, query: Query<"getReorderDraft"> = {}) =>
  answer(api.GET("/api/v1/reorder-drafts/{id}", { params: { path: { id }, query } }));
export const updateReorderDraft = (api: Api, id: string, body: Body<"updateReorderDraft">, etag?: string) =>
  answer(api.PATCH("/api/v1/reorder-drafts/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listReorderLines = (api: Api, id: string, query: Query<"listReorderLines"> = {}) =>
  answer(api.GET("/api/v1/reorder-drafts/{id}/lines", { params: { path: { id }, query } }));
export const createReorderLine = (api: Api, id: string, body: Body<"createReorderLine">) =>
  answer(api.POST("/api/v1/reorder-drafts/{id}/lines", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteReorderLine = (api: Api, id: string, child: string, etag?: string) =>
  done(api.DELETE("/api/v1/reorder-drafts/{id}/lines/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } } }));
export const getReorderLine = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/reorder-drafts/{id}/lines/{child}", { params: { path: { id, child } } }));
export const updateReorderLine = (api: Api, id: string, child: string, body: Body<"updateReorderLine">, etag?: string) =>
  answer(api.PATCH("/api/v1/reorder-drafts/{id}/lines/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const getScannedMachine = (api: Api, token: string) =>
  answer(api.GET("/api/v1/scan/{token}", { params: { path: { token } } }));
export const reportProblem = (api: Api, token: string, body: Body<"reportProblem">) =>
  answer(api.POST("/api/v1/scan/{token}/reports", { params: { path: { token }, header: { ...once() } }, body }));
export const listVendors = (api: Api, query: Query<"listVendors"> = {}) =>
  answer(api.GET("/api/v1/vendors", { params: { query } }));
export const createVendor = (api: Api, body: Body<"createVendor">) =>
  answer(api.POST("/api/v1/vendors", { params: { header: { ...once() } }, body }));
export const exportVendors = (api: Api, query: Query<"exportVendors"> = {}) =>
  answer(api.GET("/api/v1/vendors/export.csv", { params: { query }, parseAs: "text" }));
export const getVendor = (api: Api, id: string) => answer(api.GET("/api/v1/vendors/{id}", { params: { path: { id } } }));
export const updateVendor = (api: Api, id: string, body: Body<"updateVendor">, etag?: string) =>
  answer(api.PATCH("/api/v1/vendors/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listDocuments = (api: Api, id: string, query: Query<"listDocuments"> = {}) =>
  answer(api.GET("/api/v1/vendors/{id}/documents", { params: { path: { id }, query } }));
export const createDocument = (api: Api, id: string, body: Body<"createDocument">) =>
  answer(api.POST("/api/v1/vendors/{id}/documents", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteDocument = (api: Api, id: string, child: string, etag?: string) =>
  done(api.DELETE("/api/v1/vendors/{id}/documents/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } } }));
export const getDocument = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/vendors/{id}/documents/{child}", { params: { path: { id, child } } }));
export const updateDocument = (api: Api, id: string, child: string, body: Body<"updateDocument">, etag?: string) =>
  answer(api.PATCH("/api/v1/vendors/{id}/documents/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const showScanPage = (api: Api, token: string) =>
  answer(api.GET("/s/{token}", { params: { path: { token } }, parseAs: "text" }));
export const sendScanPage = (api: Api, token: string, body: FormOf<"sendScanPage">) =>
  answer(api.POST("/s/{token}", { params: { path: { token } }, body, ...asForm, parseAs: "text" }));
