// One JSON line per request.
import { createMiddleware } from "hono/factory";
import type { App } from "./env";

export const logLine = createMiddleware<App>(async (c, next) => {
  const started = Date.now();
  await next();
  const status = c.res.status;
  const line = JSON.stringify({
    level: status >= 500 ? "error" : "info",
    function: "request-api",
    event: "request",
    request_id: c.get("requestId"),
    method: c.req.method,
    path: c.req.path,
    status,
    ms: Date.now() - started,
    problem: c.get("problem") ?? null,
  });
  if (status >= 500) console.error(line);
  else console.log(line);
});
