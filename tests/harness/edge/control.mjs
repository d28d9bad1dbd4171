// The control port: crons never fire by themselves in Miniflare, so somebody has to.
import { planFaults } from "./gateway_faults.mjs";
import { body, json, listen } from "./http.mjs";
import { variantName, workerName } from "./options.mjs";

async function fire(config, miniflare, request, response) {
  const wanted = JSON.parse(await body(request));
  if (!config.functions.some((f) => f.name === wanted.function)) {
    return json(response, 404, { message: `there is no function ${wanted.function}` });
  }
  const variant = { of: wanted.function, name: wanted.variant };
  if (wanted.variant && !config.variants.some((v) => v.of === variant.of && v.name === variant.name)) {
    return json(response, 404, { message: `there is no variant ${wanted.variant} of ${wanted.function}` });
  }
  const name = wanted.variant ? variantName(config, variant) : workerName(config, wanted.function);
  const worker = await miniflare.getWorker(name);
  const started = performance.now();
  const result = await worker.scheduled({
    cron: wanted.cron,
    scheduledTime: new Date(wanted.scheduled_time),
  });
  json(response, 200, { outcome: result.outcome, duration_ms: Math.round(performance.now() - started) });
}

async function objects(miniflare, response, url) {
  const bindings = await miniflare.getBindings("harness-tools");
  const bucket = bindings[`bucket:${url.searchParams.get("bucket")}`];
  if (!bucket) return json(response, 404, { message: "there is no such bucket" });
  const { objects } = await bucket.list({ prefix: url.searchParams.get("prefix") ?? "" });
  json(response, 200, objects.map(({ key, size }) => ({ key, size })));
}

function roundTrips(counts, response, url) {
  if (!counts) return json(response, 404, { message: "nobody counts: the gateway has no proxy here" });
  json(response, 200, { round_trips: counts.of(url.searchParams.get("request_id")) });
}

function questions(asked, response, url) {
  if (!asked) return json(response, 404, { message: "nobody listens: the gateway has no proxy here" });
  json(response, 200, asked.of(url.searchParams.get("request_id")));
}

async function faults(request, response) {
  const { request_id: id, kinds } = JSON.parse(await body(request));
  planFaults(id, kinds);
  json(response, 200, { planned: kinds.length });
}

/**
 * `POST /fire {function, variant, cron, scheduled_time}` (without `variant`: as it is), `GET /objects?bucket=&prefix=`,
 * `GET /health`, and where the gateway has a proxy `GET /round-trips?request_id=`, `GET /gateway-questions?request_id=` and
 * `POST /faults {request_id, kinds}`.
 */
export function startControl(config, miniflare, counts, asked) {
  return listen(config.control.port, async (request, response, url) => {
    const route = `${request.method} ${url.pathname}`;
    if (route === "GET /health") return json(response, 200, { ok: true });
    if (route === "POST /fire") return fire(config, miniflare, request, response);
    if (route === "GET /objects") return objects(miniflare, response, url);
    if (route === "GET /round-trips") return roundTrips(counts, response, url);
    if (route === "GET /gateway-questions") return questions(asked, response, url);
    if (route === "POST /faults" && counts) return faults(request, response);
    json(response, 404, { message: "POST /fire, GET /objects, GET /health, GET /round-trips, GET /gateway-questions or POST /faults" });
  });
}
