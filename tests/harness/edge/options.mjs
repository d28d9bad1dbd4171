// From wrangler.toml to Miniflare: wrangler derives the options of each worker (dates, flags, queues with their
// retries and dead letters, services), and this adds what is different on this machine.
import { dirname } from "node:path";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { bucketWrappers, useWrappers } from "./bucket.mjs";
import { NOTIFICATIONS, WAKE } from "./rules.mjs";

/** The name that wrangler.toml gives to a function's worker. */
export const workerName = (config, name) =>
  unstable_readConfig({ config: config.wrangler, env: name }, { hideWarnings: true }).name;

// Its module is not the deployed one that wrangler.toml names, but the one that the harness was told to run.
function worker(config, { name, bindings }) {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config.wrangler, name);
  const { script } = config.functions.find((f) => f.name === name);
  return useWrappers({
    ...workerOptions,
    name: workerName(config, name),
    bindings: { ...workerOptions.bindings, ...bindings },
    modules: true,
    modulesRoot: dirname(script),
    scriptPath: script,
  });
}

// A script in the API's place: bound to all that the API is, but on a port of its own that leads straight to it, without
// the entry worker that Miniflare puts before the first one, and without the router that it puts before assets.
function standIn(config, { name, script, port }) {
  const api = config.functions.find((f) => f.name === config.api);
  const unsafeDirectSockets = [{ host: "127.0.0.1", port }];
  const { assets, ...options } = worker(config, api);
  return { ...options, name, modulesRoot: dirname(script), scriptPath: script, unsafeDirectSockets };
}

// The API once more, on a port of its own, told to sign people in elsewhere.
function supabaseApi(config, { port, bindings }) {
  const options = worker(config, { name: config.api, bindings });
  return { ...options, name: `${options.name}-supabase`, unsafeDirectSockets: [{ host: "127.0.0.1", port }] };
}

/** The name of the worker that is a function once more, with other variables. */
export const variantName = (config, { of, name }) => `${workerName(config, of)}-${name}`;

// Only a cron starts it, and that only when it is fired.
function variant(config, { of, name, bindings }) {
  return { ...worker(config, { name: of, bindings }), name: variantName(config, { of, name }) };
}

// Nobody takes what is put on a queue, so that nothing but what is asked for runs.
const silent = (options) => ({ ...options, queueConsumers: undefined });

// A worker of our own that can put messages on queues and look into buckets when the stack starts.
function tools() {
  const queues = [...new Set([...WAKE, ...NOTIFICATIONS.map((rule) => rule.queue)])];
  const buckets = [...new Set(NOTIFICATIONS.map((rule) => rule.bucket))];
  return {
    name: "harness-tools",
    modules: true,
    script: "export default { fetch: () => new Response('tools') }",
    queueProducers: Object.fromEntries(queues.map((q) => [`queue:${q}`, { queueName: q }])),
    r2Buckets: Object.fromEntries(buckets.map((b) => [`bucket:${b}`, b])),
  };
}

/** All options of the one Miniflare; the function named `api` comes first, so it answers on the port. */
export function miniflareOptions(config) {
  const functions = [...config.functions].sort((a, b) => (b.name === config.api) - (a.name === config.api));
  const standIns = config.stand_ins.map((s) => standIn(config, s));
  const second = config.supabase ? [supabaseApi(config, config.supabase)] : [];
  const variants = config.variants.map((v) => variant(config, v));
  const workers = [...functions.map((f) => worker(config, f)), ...second, ...variants, ...standIns];
  return {
    host: "127.0.0.1",
    port: config.port,
    // Nothing may be asked of the network for a stack on this machine.
    cf: false,
    defaultPersistRoot: config.persist,
    r2Persist: true,
    workers: [...(standIns.length > 0 ? workers.map(silent) : workers), ...bucketWrappers(), tools()],
  };
}
