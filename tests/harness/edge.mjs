// The platform on this machine: all functions of wrangler.toml in one workerd, with shared queues and buckets,
// a catcher that plays the mail provider, and a control port that fires crons. When asked, a second API beside the
// first, which signs people in at a stand-in for Supabase Auth, functions once more with other variables, and a proxy before
// the gateway that counts what it is asked and breaks off where it is asked to.
//
//   node edge.mjs CONFIG.json          the file is written by the harness (src/edge.rs says what is in it)
//
// Ready when the control port answers; runs until SIGTERM.
import { createWriteStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Miniflare } from "miniflare";
import { catchUp } from "./edge/catch_up.mjs";
import { startCatcher } from "./edge/catcher.mjs";
import { startControl } from "./edge/control.mjs";
import { GatewayCounts } from "./edge/gateway_counts.mjs";
import { gatewayFaults } from "./edge/gateway_faults.mjs";
import { startGatewayProxy } from "./edge/gateway_proxy.mjs";
import { GatewayQuestions } from "./edge/gateway_questions.mjs";
import { miniflareOptions } from "./edge/options.mjs";
import { startSupabaseAuth } from "./edge/supabase_auth.mjs";

const config = JSON.parse(readFileSync(process.argv[2], "utf8"));

const log = createWriteStream(config.log, { flags: "w" });
const keepLog = (...streams) =>
  streams.forEach((s) => createInterface(s).on("line", (line) => log.write(line + "\n")));

const miniflare = new Miniflare({ ...miniflareOptions(config), handleRuntimeStdio: keepLog });
const servers = [];
const counts = config.gateway_proxy && new GatewayCounts();
const questions = config.gateway_proxy && new GatewayQuestions();

async function stop() {
  servers.forEach((server) => server.closeAllConnections());
  await miniflare.dispose().catch(() => {});
  process.exit(0);
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

await miniflare.ready;
if (counts) servers.push(await startGatewayProxy(config.gateway_proxy, [counts, questions, gatewayFaults]));
servers.push(await startCatcher(config.mail));
if (config.supabase) servers.push(await startSupabaseAuth(config.supabase.auth));
await catchUp(config, miniflare);
// Last, because the harness takes an answer here for "ready".
servers.push(await startControl(config, miniflare, counts, questions));
