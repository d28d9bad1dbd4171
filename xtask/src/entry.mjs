// The entry of each function: one object that handles all events.
//
// worker-build generates a class instead, and then the runtime makes an instance of it for every event, and the generated
// code two proxies around that: for a small request about as much work as answering it.
import Generated from "./generated.mjs";

const handlers = Generated.prototype;
const state = globalThis.__worker_init_state;

const handler = (name) => (event, env, ctx) =>
  // After a panic the generated entry is asked: it makes a fresh instance of the module first.
  state.criticalError ? new Generated(ctx, env)[name](event) : handlers[name].call({ env, ctx }, event);

const names = ["fetch", "scheduled", "queue"].filter((name) => name in handlers);

export default Object.fromEntries(names.map((name) => [name, handler(name)]));
