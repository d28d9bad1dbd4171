// What is of whoever asks: their session, their inbox, their phone.

import { answer, done, ifMatch, once, type Api, type Body, type Query } from "./client";

export const signIn = (api: Api, body: Body<"signIn">) => answer(api.POST("/api/auth/login", { body }));
export const signOut = (api: Api, body: Body<"signOut">) => done(api.POST("/api/auth/logout", { body }));
export const getMe = (api: Api) => answer(api.GET("/api/auth/me"));
export const changePassword = (api: Api, body: Body<"changePassword">) => done(api.POST("/api/auth/password", { body }));
export const updateMe = (api: Api, body: Body<"updateMe">) => answer(api.PATCH("/api/auth/me", { body }));
export const sendPasswordLink = (api: Api, body: Body<"sendPasswordLink">) => done(api.POST("/api/auth/forgot", { body }));
export const setPassword = (api: Api, body: Body<"setPassword">) => answer(api.POST("/api/auth/accept", { body }));
export const changeEmail = (api: Api, body: Body<"changeEmail">) => done(api.POST("/api/auth/email", { body }));
export const verifyEmail = (api: Api, body: Body<"verifyEmail">) => done(api.POST("/api/auth/email/confirm", { body }));
export const refreshSession = (api: Api, body: Body<"refreshSession">) => answer(api.POST("/api/auth/refresh", { body }));
export const getConfig = (api: Api) => answer(api.GET("/api/config"));
export const getLiveness = (api: Api) => answer(api.GET("/api/live"));
export const getReadiness = (api: Api) => answer(api.GET("/api/ready"));
export const listNotificationSettings = (api: Api, query: Query<"listNotificationSettings"> = {}) =>
  answer(api.GET("/api/v1/notification-settings", { params: { query } }));
export const createNotificationSetting = (api: Api, body: Body<"createNotificationSetting">) =>
  answer(api.POST("/api/v1/notification-settings", { params: { header: { ...once() } }, body }));
export const exportNotificationSettings = (api: Api, query: Query<"exportNotificationSettings"> = {}) =>
  answer(api.GET("/api/v1/notification-settings/export.csv", { params: { query }, parseAs: "text" }));
export const deleteNotificationSetting = (api: Api, id: string, etag?: string) =>
  done(api.DELETE("/api/v1/notification-settings/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } } }));
export const getNotificationSetting = (api: Api, id: string) =>
  answer(api.GET("/api/v1/notification-settings/{id}", { params: { path: { id } } }));
export const updateNotificationSetting = (api: Api, id: string, body: Body<"updateNotificationSetting">, etag?: string) =>
  answer(api.PATCH("/api/v1/notification-settings/{id}", { params: { path: { id }, header: { ...ifMatch(etag) } }, body }));
export const listNotifications = (api: Api, query: Query<"listNotifications"> = {}) =>
  answer(api.GET("/api/v1/notifications", { params: { query } }));
export const exportNotifications = (api: Api, query: Query<"exportNotifications"> = {}) =>
  answer(api.GET("/api/v1/notifications/export.csv", { params: { query }, parseAs: "text" }));
export const getNotification = (api: Api, id: string) =>
  answer(api.GET("/api/v1/notifications/{id}", { params: { path: { id } } }));
export const updateNotification = (api: Api, id: string, body: Body<"updateNotification">) =>
  answer(api.PATCH("/api/v1/notifications/{id}", { params: { path: { id } }, body }));
export const listPushSubscriptions = (api: Api, query: Query<"listPushSubscriptions"> = {}) =>
  answer(api.GET("/api/v1/push-subscriptions", { params: { query } }));
export const createPushSubscription = (api: Api, body: Body<"createPushSubscription">) =>
  answer(api.POST("/api/v1/push-subscriptions", { params: { header: { ...once() } }, body }));
export const exportPushSubscriptions = (api: Api, query: Query<"exportPushSubscriptions"> = {}) =>
  answer(api.GET("/api/v1/push-subscriptions/export.csv", { params: { query }, parseAs: "text" }));
export const deletePushSubscription = (api: Api, id: string) =>
  done(api.DELETE("/api/v1/push-subscriptions/{id}", { params: { path: { id } } }));
export const getPushSubscription = (api: Api, id: string) =>
  answer(api.GET("/api/v1/push-subscriptions/{id}", { params: { path: { id } } }));
export const getSyncChanges = (api: Api, query: Query<"getSyncChanges"> = {}) =>
  answer(api.GET("/api/v1/sync", { params: { query } }));
export const sendSyncMutations = (api: Api, body: Body<"sendSyncMutations">) => answer(api.POST("/api/v1/sync", { body }));
export const getHome = (api: Api) => answer(api.GET("/api/v1/home"));
export const readNotifications = (api: Api, body: Body<"readNotifications"> = {}) =>
  answer(api.POST("/api/v1/notifications/read", { params: { header: { ...once() } }, body }));
export const searchEverything = (api: Api, query: Query<"searchEverything">) => answer(api.GET("/api/v1/search", { params: { query } }));
export const listReviews = (api: Api, query: Query<"listReviews"> = {}) =>
  answer(api.GET("/api/v1/reviews", { params: { query } }));
export const exportReviews = (api: Api, query: Query<"exportReviews"> = {}) =>
  answer(api.GET("/api/v1/reviews/export.csv", { params: { query }, parseAs: "text" }));
export const getReview = (api: Api, id: string, query: Query<"getReview"> = {}) =>
  answer(api.GET("/api/v1/reviews/{id}", { params: { path: { id }, query } }));
export const decideReview = (api: Api, id: string, body: Body<"decideReview">) =>
  answer(api.POST("/api/v1/reviews/{id}/decide", { params: { path: { id }, header: { ...once() } }, body }));
