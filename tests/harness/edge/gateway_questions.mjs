// What the gateway was asked for the latest requests of clients, so that a bench can ask the same again and have it explained.

// So many requests of clients are remembered; the oldest are forgotten first.
const MOST = 100;

/** A hook of the gateway's proxy. */
export class GatewayQuestions {
  questions = new Map();

  sends(request) {
    const { method, url: path, headers } = request;
    const id = headers["x-request-id"];
    if (id === undefined) return;
    const question = { method, path, headers, body: "" };
    request.setEncoding("utf8");
    request.on("data", (text) => (question.body += text));
    this.questions.set(id, [...this.of(id), question]);
    if (this.questions.size > MOST) this.questions.delete(this.questions.keys().next().value);
  }

  of(id) {
    return this.questions.get(id) ?? [];
  }
}
