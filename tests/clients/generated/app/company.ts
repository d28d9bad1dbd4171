// Sites, people, settings, and the record of what was done.

import { answer, done, ifMatch, once, type Api, type Body, type Query } from "./client";

export const listApiTokens = (api: Api, query: Query<"listApiTokens"> = {}) =>
  answer(api.GET("/api/v1/api-tokens", { params: { query } }));
export const createApiToken = (api: Api, body: Body<"createApiToken">) => answer(api.POST("/api/v1/api-tokens", { body }));
export const exportApiTokens = (api: Api, query: Query<"exportApiTokens"> = {}) =>
  answer(api.GET("/api/v1/api-tokens/export.csv", { params: { query }, parseAs: "text" }));
export const revokeApiToken = (api: Api, id: string) => done(api.DELETE("/api/v1/api-tokens/{id}", { params: { path: { id } } }));
export const getApiToken = (api: Api, id: string) => answer(api.GET("/api/v1/api-tokens/{id}", { params: { path: { id } } }));
export const listAuditEntries = (api: Api, query: Query<"listAuditEntries"> = {}) =>
  answer(api.GET("/api/v1/audit-log", { params: { query } }));
export const exportAuditEntries = (api: Api, query: Query<"exportAuditEntries"> = {}) =>
  answer(api.GET("/api/v1/audit-log/export.csv", { params: { query }, parseAs: "text" }));
export const getAuditEntry = (api: Api, id: string) => answer(api.GET("/api/v1/audit-log/{id}", { params: { path: { id } } }));
export const verifyHistories = (api: Api, query: Query<"verifyHistories"> = {}) =>
  answer(api.GET("/api/v1/audit/verify", { params: { query } }));
export const listDeadLetters = (api: Api, query: Query<"listDeadLetters"> = {}) =>
  answer(api.GET("/api/v1/jobs/dead-letters", { params: { query } }));
export const exportDeadLetters = (api: Api, query: Query<"exportDeadLetters"> = {}) =>
  answer(api.GET("/api/v1/jobs/dead-letters/export.csv", { params: { query }, parseAs: "text" }));
export const getDeadLetter = (api: Api, id: string) =>
  answer(api.GET("/api/v1/jobs/dead-letters/{id}", { params: { path: { id } } }));
export const listRuns = (api: Api, query: Query<"listRuns"> = {}) => answer(api.GET("/api/v1/jobs/runs", { params: { query } }));
export const exportRuns = (api: Api, query: Query<"exportRuns"> = {}) =>
  answer(api.GET("/api/v1/jobs/runs/export.csv", { params: { query }, parseAs: "text" }));
export const getRun = (api: Api, id: string) => answer(api.GET("/api/v1/jobs/runs/{id}", { params: { path: { id } } }));
export const listPeople = (api: Api, query: Query<"listPeople"> = {}) =>
  answer(api.GET("/api/v1/profiles", { params: { query } }));
export const createPerson = (api: Api, body: Body<"createPerson">) =>
  answer(api.POST("/api/v1/profiles", { params: { header: { ...once() } }, body }));
export const exportPeople = (api: Api, query: Query<"exportPeople"> = {}) =>
  answer(api.GET("/api/v1/profiles/export.csv", { params: { query }, parseAs: "text" }));
export const sendInvitation = (api: Api, id: string, body: Body<"sendInvitation">) =>
  answer(api.POST("/api/v1/profiles/{id}/invite", { params: { path: { id }, header: { ...once() } }, body }));
export const getPerson = (api: Api, id: string) => answer(api.GET("/api/v1/profiles/{id}", { params: { path: { id } } }));
export const updatePerson = (api: Api, id: string, body: Body<"updatePerson">, etag?: string) =>
  answer(api.PATCH("/api/v1/profiles/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listSettings = (api: Api, query: Query<"listSettings"> = {}) =>
  answer(api.GET("/api/v1/settings", { params: { query } }));
export const createSetting = (api: Api, body: Body<"createSetting">) =>
  answer(api.POST("/api/v1/settings", { params: { header: { ...once() } }, body }));
export const exportSettings = (api: Api, query: Query<"exportSettings"> = {}) =>
  answer(api.GET("/api/v1/settings/export.csv", { params: { query }, parseAs: "text" }));
export const deleteSetting = (api: Api, id: string, etag?: string) =>
  done(api.DELETE("/api/v1/settings/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } } }));
export const getSetting = (api: Api, id: string) => answer(api.GET("/api/v1/settings/{id}", { params: { path: { id } } }));
export const updateSetting = (api: Api, id: string, body: Body<"updateSetting">, etag?: string) =>
  answer(api.PATCH("/api/v1/settings/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listWarehouses = (api: Api, query: Query<"listWarehouses"> = {}) =>
  answer(api.GET("/api/v1/warehouses", { params: { query } }));
export const createWarehouse = (api: Api, body: Body<"createWarehouse">) =>
  answer(api.POST("/api/v1/warehouses", { params: { header: { ...once() } }, body }));
export const exportWarehouses = (api: Api, query: Query<"exportWarehouses"> = {}) =>
  answer(api.GET("/api/v1/warehouses/export.csv", { params: { query }, parseAs: "text" }));
export const getWarehouse = (api: Api, id: string) => answer(api.GET("/api/v1/warehouses/{id}", { params: { path: { id } } }));
export const updateWarehouse = (api: Api, id: string, body: Body<"updateWarehouse">, etag?: string) =>
  answer(api.PATCH("/api/v1/warehouses/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listHolidaies = (api: Api, id: string, query: Query<"listHolidaies"> = {}) =>
  answer(api.GET("/api/v1/warehouses/{id}/holidays", { params: { path: { id }, query } }));
export const createHoliday = (api: Api, id: string, body: Body<"createHoliday">) =>
  answer(api.POST("/api/v1/warehouses/{id}/holidays", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteHoliday = (api: Api, id: string, child: string, etag?: string) =>
  done(api.DELETE("/api/v1/warehouses/{id}/holidays/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } } }));
export const getHoliday = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/warehouses/{id}/holidays/{child}", { params: { path: { id, child } } }));
export const updateHoliday = (api: Api, id: string, child: string, body: Body<"updateHoliday">, etag?: string) =>
  answer(api.PATCH("/api/v1/warehouses/{id}/holidays/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const listWebhooks = (api: Api, query: Query<"listWebhooks"> = {}) =>
  answer(api.GET("/api/v1/webhooks", { params: { query } }));
export const createWebhook = (api: Api, body: Body<"createWebhook">) =>
  answer(api.POST("/api/v1/webhooks", { params: { header: { ...once() } }, body }));
export const exportWebhooks = (api: Api, query: Query<"exportWebhooks"> = {}) =>
  answer(api.GET("/api/v1/webhooks/export.csv", { params: { query }, parseAs: "text" }));
export const deleteWebhook = (api: Api, id: string, etag?: string) =>
  done(api.DELETE("/api/v1/webhooks/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } } }));
export const getWebhook = (api: Api, id: string) => answer(api.GET("/api/v1/webhooks/{id}", { params: { path: { id } } }));
export const updateWebhook = (api: Api, id: string, body: Body<"updateWebhook">, etag?: string) =>
  answer(api.PATCH("/api/v1/webhooks/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listWebhookSecrets = (api: Api, id: string, query: Query<"listWebhookSecrets"> = {}) =>
  answer(api.GET("/api/v1/webhooks/{id}/secrets", { params: { path: { id }, query } }));
export const createWebhookSecret = (api: Api, id: string, body: Body<"createWebhookSecret">) =>
  answer(api.POST("/api/v1/webhooks/{id}/secrets", { params: { path: { id }, header: { ...once() } }, body }));
export const getWebhookSecret = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/webhooks/{id}/secrets/{child}", { params: { path: { id, child } } }));
export const updateWebhookSecret = (api: Api, id: string, child: string, body: Body<"updateWebhookSecret">, etag?: string) =>
  answer(api.PATCH("/api/v1/webhooks/{id}/secrets/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
