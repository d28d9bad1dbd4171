// R2's event notifications, which Miniflare does not have.
// The same rules are set once per account with `wrangler r2 bucket notification create` (see wrangler.toml).
export const NOTIFICATIONS = [
  { bucket: "wo-attachments", suffix: "/original", queue: "millwright-uploads" },
];

// A stored object with this suffix is waiting for its event until the sibling is there.
export const DONE_SIBLING = { suffix: "/original", sibling: "/thumbnail" };

// Queues that get one empty message at the start, because Miniflare forgets what was queued.
export const WAKE = ["millwright-nudges"];

/** The name of the wrapper around a bucket. */
export const wrapperName = (bucket) => `notifying-bucket:${bucket}`;
