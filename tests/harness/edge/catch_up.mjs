// Miniflare's queues live in memory, the platform's are durable. So at the start every event that may have been
// lost is sent again: at least once, as the platform does it.
import { DONE_SIBLING, NOTIFICATIONS, WAKE } from "./rules.mjs";

async function* keys(bucket) {
  let cursor;
  do {
    const page = await bucket.list({ cursor });
    yield* page.objects;
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor);
}

/** Sends the events of stored originals that were never processed, and wakes the consumers of nudges. */
export async function catchUp(config, miniflare) {
  const bindings = await miniflare.getBindings("harness-tools");
  for (const { bucket, suffix, queue } of NOTIFICATIONS) {
    const objects = [];
    for await (const object of keys(bindings[`bucket:${bucket}`])) objects.push(object);
    const known = new Set(objects.map((object) => object.key));
    const sibling = (key) => key.slice(0, -DONE_SIBLING.suffix.length) + DONE_SIBLING.sibling;
    for (const { key, size, etag, uploaded } of objects) {
      if (!key.endsWith(suffix) || known.has(sibling(key))) continue;
      await bindings[`queue:${queue}`].send(
        {
          account: "local",
          bucket,
          object: { key, size, eTag: etag },
          action: "PutObject",
          eventTime: uploaded.toISOString(),
        },
        { contentType: "json" },
      );
    }
  }
  for (const queue of WAKE) await bindings[`queue:${queue}`].send({}, { contentType: "json" });
}
