// Counts the calls to the gateway for each of a client's requests: functions name it in `x-request-id`.

// So many are remembered; the oldest are forgotten first.
const MOST = 100_000;

/** A hook of the gateway's proxy. */
export class GatewayCounts {
  counts = new Map();

  arrives({ headers }) {
    const id = headers["x-request-id"];
    if (id === undefined) return;
    this.counts.set(id, this.of(id) + 1);
    if (this.counts.size > MOST) this.counts.delete(this.counts.keys().next().value);
  }

  of(id) {
    return this.counts.get(id) ?? 0;
  }
}
