// What has to be done again and again, what happens when it is late, and the figures.

import { answer, done, ifMatch, once, type Api, type Body, type Query } from "./client";

export const listEscalationRules = (api: Api, query: Query<"listEscalationRules"> = {}) =>
  answer(api.GET("/api/v1/escalation-rules", { params: { query } }));
export const createEscalationRule = (api: Api, body: Body<"createEscalationRule">) =>
  answer(api.POST("/api/v1/escalation-rules", { params: { header: { ...once() } }, body }));
export const dryRunEscalations = (api: Api, query: Query<"dryRunEscalations"> = {}) =>
  answer(api.GET("/api/v1/escalation-rules/dry-run", { params: { query } }));
export const exportEscalationRules = (api: Api, query: Query<"exportEscalationRules"> = {}) =>
  answer(api.GET("/api/v1/escalation-rules/export.csv", { params: { query }, parseAs: "text" }));
export const getEscalationRule = (api: Api, id: string) =>
  answer(api.GET("/api/v1/escalation-rules/{id}", { params: { path: { id } } }));
export const updateEscalationRule = (api: Api, id: string, body: Body<"updateEscalationRule">, etag?: string) =>
  answer(api.PATCH("/api/v1/escalation-rules/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const getPmCalendar = (api: Api, query: Query<"getPmCalendar">) =>
  answer(api.GET("/api/v1/pm/calendar", { params: { query } }));
export const getPmCompliance = (api: Api, query: Query<"getPmCompliance">) =>
  answer(api.GET("/api/v1/pm/compliance", { params: { query } }));
export const listOccurrences = (api: Api, query: Query<"listOccurrences"> = {}) =>
  answer(api.GET("/api/v1/pm/occurrences", { params: { query } }));
export const exportOccurrences = (api: Api, query: Query<"exportOccurrences"> = {}) =>
  answer(api.GET("/api/v1/pm/occurrences/export.csv", { params: { query }, parseAs: "text" }));
export const getOccurrence = (api: Api, id: string) =>
  answer(api.GET("/api/v1/pm/occurrences/{id}", { params: { path: { id } } }));
export const previewRule = (api: Api, body: Body<"previewRule">) => answer(api.POST("/api/v1/pm/preview", { body }));
export const listSchedules = (api: Api, query: Query<"listSchedules"> = {}) =>
  answer(api.GET("/api/v1/pm/schedules", { params: { query } }));
export const exportSchedules = (api: Api, query: Query<"exportSchedules"> = {}) =>
  answer(api.GET("/api/v1/pm/schedules/export.csv", { params: { query }, parseAs: "text" }));
export const getSchedule = (api: Api, id: string, query: Query<"getSchedule"> = {}) =>
  answer(api.GET("/api/v1/pm/schedules/{id}", { params: { path: { id }, query } }));
export const updateSchedule = (api: Api, id: string, body: Body<"updateSchedule">, etag?: string) =>
  answer(api.PATCH("/api/v1/pm/schedules/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listScheduleOccurrences = (api: Api, id: string, query: Query<"listScheduleOccurrences"> = {}) =>
  answer(api.GET("/api/v1/pm/schedules/{id}/occurrences", { params: { path: { id }, query } }));
export const getScheduleOccurrence = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/pm/schedules/{id}/occurrences/{child}", { params: { path: { id, child } } }));
export const previewSchedule = (api: Api, id: string, query: Query<"previewSchedule"> = {}) =>
  answer(api.GET("/api/v1/pm/schedules/{id}/preview", { params: { path: { id }, query } }));
export const listTemplates = (api: Api, query: Query<"listTemplates"> = {}) =>
  answer(api.GET("/api/v1/pm/templates", { params: { query } }));
export const createTemplate = (api: Api, body: Body<"createTemplate">) =>
  answer(api.POST("/api/v1/pm/templates", { params: { header: { ...once() } }, body }));
export const exportTemplates = (api: Api, query: Query<"exportTemplates"> = {}) =>
  answer(api.GET("/api/v1/pm/templates/export.csv", { params: { query }, parseAs: "text" }));
export const getTemplate = (api: Api, id: string, query: Query<"getTemplate"> = {}) =>
  answer(api.GET("/api/v1/pm/templates/{id}", { params: { path: { id }, query } }));
export const updateTemplate = (api: Api, id: string, body: Body<"updateTemplate">, etag?: string) =>
  answer(api.PATCH("/api/v1/pm/templates/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listTemplateItems = (api: Api, id: string, query: Query<"listTemplateItems"> = {}) =>
  answer(api.GET("/api/v1/pm/templates/{id}/checklist", { params: { path: { id }, query } }));
export const createTemplateItem = (api: Api, id: string, body: Body<"createTemplateItem">) =>
  answer(api.POST("/api/v1/pm/templates/{id}/checklist", { params: { path: { id }, header: { ...once() } }, body }));
export const deleteTemplateItem = (api: Api, id: string, child: string, etag?: string) =>
  done(api.DELETE("/api/v1/pm/templates/{id}/checklist/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } } }));
export const getTemplateItem = (api: Api, id: string, child: string) =>
  answer(api.GET("/api/v1/pm/templates/{id}/checklist/{child}", { params: { path: { id, child } } }));
export const updateTemplateItem = (api: Api, id: string, child: string, body: Body<"updateTemplateItem">, etag?: string) =>
  answer(api.PATCH("/api/v1/pm/templates/{id}/checklist/{child}", { params: { path: { id, child }, header: { ...ifMatch(etag) } }, body }));
export const getAvailabilityReport = (api: Api, query: Query<"getAvailabilityReport">) =>
  answer(api.GET("/api/v1/reports/availability", { params: { query } }));
export const getBacklogReport = (api: Api, query: Query<"getBacklogReport">) =>
  answer(api.GET("/api/v1/reports/backlog", { params: { query } }));
export const getMachineCostsReport = (api: Api, query: Query<"getMachineCostsReport">) =>
  answer(api.GET("/api/v1/reports/machine-costs", { params: { query } }));
export const getMtbfReport = (api: Api, query: Query<"getMtbfReport">) =>
  answer(api.GET("/api/v1/reports/mtbf", { params: { query } }));
export const getMttrReport = (api: Api, query: Query<"getMttrReport">) =>
  answer(api.GET("/api/v1/reports/mttr", { params: { query } }));
export const getOverdueReport = (api: Api, query: Query<"getOverdueReport">) =>
  answer(api.GET("/api/v1/reports/overdue", { params: { query } }));
export const getPlannedWorkReport = (api: Api, query: Query<"getPlannedWorkReport">) =>
  answer(api.GET("/api/v1/reports/planned-work", { params: { query } }));
export const getPmComplianceReport = (api: Api, query: Query<"getPmComplianceReport">) =>
  answer(api.GET("/api/v1/reports/pm-compliance", { params: { query } }));
export const getTechnicianLoadReport = (api: Api, query: Query<"getTechnicianLoadReport">) =>
  answer(api.GET("/api/v1/reports/technician-load", { params: { query } }));
