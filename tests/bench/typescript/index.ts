// request-api's peer: the same routes, checks and answers, as one would write them in TypeScript.
//
// It exists to be measured against. What request-api learns to do for one of the requests that are measured, this must do,
// too; filters, orders and fields that are not measured are left out.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { authenticate } from "./auth";
import type { App } from "./env";
import { equipment } from "./equipment";
import { home } from "./home";
import { logLine } from "./log";
import { Problem, respond } from "./problem";
import { workOrders } from "./work-orders";

const MAX_JSON_BYTES = 1024 * 1024;

const app = new Hono<App>();

app.use(requestId({ generator: (c) => traceOf(c.req.header("traceparent")) ?? crypto.randomUUID() }));
app.use(logLine);
app.use(
  secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    strictTransportSecurity: "max-age=31536000; includeSubDomains",
    xFrameOptions: "DENY",
    referrerPolicy: "strict-origin-when-cross-origin",
    permissionsPolicy: { camera: ["self"], microphone: ["self"], geolocation: ["self"] },
    crossOriginResourcePolicy: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    removePoweredBy: false,
  }),
);
app.use(async (c, next) => {
  await next();
  c.res.headers.set("vary", "authorization, origin");
  if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
});

app.get("/api/live", (c) => c.json({ status: "live", function: "request-api", version: "0.1.0" }));

app.use("/api/v1/*", authenticate);
app.use(
  "/api/v1/*",
  bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: (c) => respond(c, new Problem(413, "too_large", `the body may have at most ${MAX_JSON_BYTES} bytes`)),
  }),
);
app.route("/api/v1/work-orders", workOrders);
app.route("/api/v1/equipment", equipment);
app.route("/api/v1/home", home);

app.notFound((c) => respond(c, new Problem(404, "not_found", "there is no such path")));
app.onError((error, c) => respond(c, Problem.of(error)));

/** The trace id of a W3C `traceparent`. */
function traceOf(header: string | undefined): string | undefined {
  return header?.match(/^[^-]+-([0-9a-f]{32})-/i)?.[1];
}

export default app;
