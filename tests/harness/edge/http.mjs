// Plain HTTP on this machine only, for the catcher and the control port.
import { createServer } from "node:http";
import { once } from "node:events";

export async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

export function json(response, status, value, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

/** Listens on 127.0.0.1; an error in a handler is an answer with its message, and the server lives on. */
export async function listen(port, handler) {
  const server = createServer((request, response) => {
    handler(request, response, new URL(request.url, "http://127.0.0.1")).catch((error) => {
      if (response.headersSent) response.destroy();
      // JSON.parse throws at a mistake of the caller's.
      else json(response, error instanceof SyntaxError ? 400 : 500, { message: String(error?.message ?? error) });
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
