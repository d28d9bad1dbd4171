// The entry of each function: one object that handles all events.
//
// worker-build would generate a class instead, and then the runtime makes an instance of it for every event, and the
// generated code two proxies around that: for a small request about as much work as answering it.
import * as glue from "./index.js";

Error.stackTraceLimit = 100;
const state = glue.__worker_init_state();

// A trap may leave the module's memory in any state. The crate `worker` notes panics itself.
addEventListener("error", ({ error }) => {
  if (error instanceof WebAssembly.RuntimeError) {
    console.error("Critical", error);
    state.criticalError = true;
  }
});

const handler = (handle) => (event, env, ctx) => {
  if (state.criticalError) {
    // From here on a fresh instance answers.
    glue.__wbg_reset_state();
    state.criticalError = false;
    state.instanceId++;
  }
  return handle(event, env, ctx);
};

const names = ["fetch", "scheduled", "queue"].filter((name) => name in glue);

export default Object.fromEntries(names.map((name) => [name, handler(glue[name])]));
