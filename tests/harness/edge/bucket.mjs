// R2 event notifications for Miniflare, without a trace in product code: the functions get a wrapped binding
// that stores and then sends the event.
import { NOTIFICATIONS, wrapperName } from "./rules.mjs";

// workers-rs checks the name of the constructor, so the class has to be called R2Bucket.
const SCRIPT = `
class R2Bucket {
  constructor(env) { this.env = env; }
  async put(key, value, options) {
    const stored = await this.env.BUCKET.put(key, value, options);
    // null: a conditional put whose condition did not hold stored nothing.
    if (stored) await this.notify(stored, "PutObject");
    return stored;
  }
  async notify(stored, action) {
    for (const { suffix, queue } of this.env.RULES.filter((rule) => stored.key.endsWith(rule.suffix))) {
      await this.env["queue:" + queue].send({
        account: "local",
        bucket: this.env.NAME,
        object: { key: stored.key, size: stored.size, eTag: stored.etag },
        action,
        eventTime: stored.uploaded.toISOString(),
      }, { contentType: "json" });
    }
  }
  head(...args) { return this.env.BUCKET.head(...args); }
  get(...args) { return this.env.BUCKET.get(...args); }
  delete(...args) { return this.env.BUCKET.delete(...args); }
  list(...args) { return this.env.BUCKET.list(...args); }
  createMultipartUpload(...args) { return this.env.BUCKET.createMultipartUpload(...args); }
  resumeMultipartUpload(...args) { return this.env.BUCKET.resumeMultipartUpload(...args); }
}
export default (env) => new R2Bucket(env);
`;

const rulesOf = (bucket) => NOTIFICATIONS.filter((rule) => rule.bucket === bucket);

/** One wrapper worker for each bucket that has rules. */
export function bucketWrappers() {
  return [...new Set(NOTIFICATIONS.map((rule) => rule.bucket))].map((bucket) => ({
    name: wrapperName(bucket),
    modules: true,
    script: SCRIPT,
    bindings: { NAME: bucket, RULES: rulesOf(bucket) },
    r2Buckets: { BUCKET: bucket },
    queueProducers: Object.fromEntries(rulesOf(bucket).map((r) => [`queue:${r.queue}`, { queueName: r.queue }])),
  }));
}

/** The same worker, with each bucket that has rules bound through its wrapper. */
export function useWrappers(options) {
  const buckets = Object.entries(options.r2Buckets ?? {});
  const wrapped = buckets.filter(([, bucket]) => rulesOf(bucket.id).length > 0);
  return {
    ...options,
    r2Buckets: Object.fromEntries(buckets.filter((entry) => !wrapped.includes(entry))),
    wrappedBindings: {
      ...options.wrappedBindings,
      ...Object.fromEntries(wrapped.map(([name, bucket]) => [name, { scriptName: wrapperName(bucket.id) }])),
    },
  };
}
