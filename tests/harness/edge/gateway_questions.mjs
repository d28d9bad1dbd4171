// The requests to the gateway for the latest requests of clients, so that a bench can repeat and explain them.

// So many requests of clients are remembered; the oldest are forgotten first.
const MOST = 100;

/** A hook of the gateway's proxy. */
export class GatewayQuestions {
  questions = new Map();

  sends(request) {
    const { method, url: path, headers } = request;
    const id = headers["x-request-id"];
    if (id === undefined) return;
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    this.questions.set(id, [...(this.questions.get(id) ?? []), { method, path, headers, chunks }]);
    if (this.questions.size > MOST) this.questions.delete(this.questions.keys().next().value);
  }

  /** Each as `{ method, path, headers, body }`. */
  of(id) {
    const asked = this.questions.get(id) ?? [];
    return asked.map(({ chunks, ...question }) => ({ ...question, body: Buffer.concat(chunks).toString("utf8") }));
  }
}
