// Plays everything that Millwright sends to: a mail provider with Resend's HTTP API, and a webhook receiver.
//
//   POST /emails, POST /emails/batch     as the provider: bearer key, Idempotency-Key
//   POST /webhooks/*                     records what came, answers 204
//   GET  /emails, GET /webhooks          what came in, oldest first; DELETE empties
//   POST /behaviour                      {"status": 500, "times": 3, "retry_after": 7, "to": ADDRESS}: the next mail
//                                        calls fail so; with "to", only those with a mail to that address
//   GET  /                               the mails, for a person
import { createHash, randomUUID } from "node:crypto";
import { body, json, listen } from "./http.mjs";
import { page } from "./catcher_page.mjs";

const KEEP = 1000;

class Kept {
  items = [];
  add(...items) {
    this.items.push(...items);
    if (this.items.length > KEEP) this.items.splice(0, this.items.length - KEEP);
  }
  clear() {
    this.items = [];
  }
}

/** A map that forgets its oldest entries. */
class Recent extends Map {
  remember(key, value) {
    this.set(key, value);
    if (this.size > KEEP * 10) this.delete(this.keys().next().value);
  }
}

class Catcher {
  emails = new Kept();
  webhooks = new Kept();
  answered = new Recent();
  behaviour = null;

  constructor(key) {
    this.key = key;
  }

  concerns(mails) {
    const { to } = this.behaviour;
    return to === undefined || [mails].flat().some((mail) => [mail.to].flat().includes(to));
  }

  async mail(request, response, batch) {
    if (request.headers.authorization !== `Bearer ${this.key}`) {
      return json(response, 401, { statusCode: 401, name: "missing_api_key", message: "Missing or wrong API key" });
    }
    const text = await body(request);
    const parsed = JSON.parse(text);
    if (this.behaviour?.times > 0 && this.concerns(parsed)) {
      this.behaviour.times -= 1;
      const { status, retry_after } = this.behaviour;
      const headers = retry_after === undefined ? {} : { "retry-after": String(retry_after) };
      return json(response, status, { statusCode: status, name: "asked_for", message: "As asked for" }, headers);
    }

    const idempotencyKey = request.headers["idempotency-key"];
    const digest = createHash("sha256").update(request.url).update(text).digest("hex");
    const before = idempotencyKey === undefined ? undefined : this.answered.get(idempotencyKey);
    if (before && before.digest !== digest) {
      return json(response, 409, {
        statusCode: 409,
        name: "invalid_idempotent_request",
        message: "Same idempotency key used with a different request payload",
      });
    }
    if (before) return json(response, 200, before.answer);

    const mails = (batch ? parsed : [parsed]).map((mail) => ({
      id: randomUUID(),
      received_at: new Date().toISOString(),
      idempotency_key: idempotencyKey ?? null,
      ...mail,
    }));
    const ids = mails.map(({ id }) => ({ id }));
    const answer = batch ? { data: ids } : ids[0];
    // Nothing is awaited between the look-up and here, so a key cannot pass twice.
    if (idempotencyKey !== undefined) this.answered.remember(idempotencyKey, { digest, answer });
    this.emails.add(...mails);
    json(response, 200, answer);
  }

  async webhook(request, response, url) {
    const text = await body(request);
    this.webhooks.add({
      received_at: new Date().toISOString(),
      path: url.pathname,
      headers: request.headers,
      body: text,
    });
    response.writeHead(204).end();
  }

  async handle(request, response, url) {
    const route = `${request.method} ${url.pathname}`;
    switch (route) {
      case "POST /emails":
        return this.mail(request, response, false);
      case "POST /emails/batch":
        return this.mail(request, response, true);
      case "GET /emails":
        return json(response, 200, this.emails.items);
      case "DELETE /emails":
        this.emails.clear();
        return response.writeHead(204).end();
      case "GET /webhooks":
        return json(response, 200, this.webhooks.items);
      case "DELETE /webhooks":
        this.webhooks.clear();
        return response.writeHead(204).end();
      case "POST /behaviour": {
        const { status, times = 1, retry_after, to } = JSON.parse(await body(request));
        this.behaviour = { status, times, retry_after, to };
        return response.writeHead(204).end();
      }
      case "GET /":
        response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
        return response.end(page(this.emails.items));
    }
    if (request.method === "POST" && url.pathname.startsWith("/webhooks/")) {
      return this.webhook(request, response, url);
    }
    json(response, 404, { message: "not found" });
  }
}

/** Starts the catcher on `{port, key}`. */
export function startCatcher({ port, key }) {
  const catcher = new Catcher(key);
  return listen(port, (request, response, url) => catcher.handle(request, response, url));
}
