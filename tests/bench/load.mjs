// The load: sends what it is told and measures how long each answer takes.
//
// One JSON line in is one phase, one JSON line out is its result. It ends when its input ends, sends a counted number of
// requests, gives up on a phase that takes too long, and speaks to this machine only.
import autocannon from "autocannon";
import { createInterface } from "node:readline";

const MOST_REQUESTS = 200_000;

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;

function phase({ url, requests, connections, amount, patience }) {
  if (new URL(url).hostname !== "127.0.0.1") throw new Error(`${url} is not on this machine`);
  const times = [];
  // A counted number, not a time: nothing is cut off in the middle, so the CPU time belongs to whole requests.
  const wanted = Math.max(connections, Math.min(amount, MOST_REQUESTS));
  // Each connection begins elsewhere, so that no two write the same row at the same time.
  let clients = 0;
  const setupClient = (client) => {
    const from = Math.floor((clients++ * requests.length) / connections);
    client.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
  };
  const started = performance.now();
  let ended = started;
  return new Promise((resolve, reject) => {
    const run = autocannon({ url, requests, setupClient, connections, amount: wanted, timeout: 30 }, (error, result) => {
      clearTimeout(limit);
      if (error) return reject(error);
      times.sort((a, b) => a - b);
      const seconds = (ended - started) / 1000;
      resolve({
        answered: times.length,
        // A request that was never answered is an error too.
        failed: result.errors + result.non2xx + Math.max(0, wanted - times.length - result.errors),
        statuses: Object.keys(result.statusCodeStats ?? {}),
        seconds,
        per_second: times.length / seconds,
        p50_ms: percentile(times, 0.5),
        p99_ms: percentile(times, 0.99),
      });
    });
    // Its own times are whole milliseconds in a histogram; these are as they were.
    run.on("response", (_client, _status, _bytes, milliseconds) => {
      times.push(milliseconds);
      ended = performance.now();
    });
    const limit = setTimeout(() => run.stop(), patience * 1000);
  });
}

process.stdin.on("end", () => process.exit(0));
for await (const line of createInterface({ input: process.stdin })) {
  const answer = await phase(JSON.parse(line)).catch((error) => ({ error: String(error?.message ?? error) }));
  process.stdout.write(JSON.stringify(answer) + "\n");
}
