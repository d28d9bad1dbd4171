// The control port: crons never fire by themselves in Miniflare, so somebody has to.
import { body, json, listen } from "./http.mjs";
import { workerName } from "./options.mjs";

async function fire(config, miniflare, request, response) {
  const wanted = JSON.parse(await body(request));
  if (!config.functions.some((f) => f.name === wanted.function)) {
    return json(response, 404, { message: `there is no function ${wanted.function}` });
  }
  const worker = await miniflare.getWorker(workerName(config, wanted.function));
  const started = performance.now();
  const result = await worker.scheduled({
    cron: wanted.cron,
    scheduledTime: new Date(wanted.scheduled_time),
  });
  json(response, 200, { outcome: result.outcome, duration_ms: Math.round(performance.now() - started) });
}

/** `POST /fire {function, cron, scheduled_time}` and `GET /health`. */
export function startControl(config, miniflare) {
  return listen(config.control.port, async (request, response, url) => {
    const route = `${request.method} ${url.pathname}`;
    if (route === "GET /health") return json(response, 200, { ok: true });
    if (route === "POST /fire") return fire(config, miniflare, request, response);
    json(response, 404, { message: "POST /fire or GET /health" });
  });
}
