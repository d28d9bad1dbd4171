// Between the functions and the gateway: hands everything on as it is, and lets hooks look at it.
//
// A hook has `arrives(request)`, called before the gateway is asked, `sends(request)`, called when its body begins to flow, or
// `answered(request, answer)`, called before the function gets the answer. The first and the last are waited for, so a hook can
// delay. What one throws, or what goes wrong with
// the gateway, ends the function's connection: to a function that is a gateway that breaks off. A hook can return an answer
// `{ status, headers, body }` to be given instead, or from `answered` "torn": then only the head of the answer gets through.
import { once } from "node:events";
import { Agent, createServer, request as ask } from "node:http";
import { pipeline } from "node:stream/promises";

/** Answers with something else than what was to be said; that is not listened to. */
function say(response, { status, headers, body }, unheard) {
  unheard.resume();
  response.writeHead(status, headers);
  response.end(body);
}

/** Listens on `port` for what is meant for `gateway`. */
export async function startGatewayProxy({ port, gateway }, hooks) {
  const { hostname, port: gatewayPort } = new URL(gateway);
  // Kept for less long than the gateway keeps them, so that none is used that it is closing.
  const agent = new Agent({ keepAlive: true, timeout: 5_000 });

  async function handOn(request, response) {
    for (const hook of hooks) {
      const instead = await hook.arrives?.(request);
      if (instead) return say(response, instead, request);
    }
    const { method, url: path, headers } = request;
    const asked = ask({ agent, hostname, port: gatewayPort, method, path, headers });
    // A function that no longer waits: nobody needs the gateway's answer.
    response.once("close", () => response.writableFinished || asked.destroy());
    request.pipe(asked);
    for (const hook of hooks) hook.sends?.(request);
    const [answer] = await once(asked, "response");
    let torn = false;
    for (const hook of hooks) {
      const instead = await hook.answered?.(request, answer);
      if (instead?.status) return say(response, instead, answer);
      torn ||= instead === "torn";
    }
    response.writeHead(answer.statusCode, answer.headers);
    if (torn) {
      response.flushHeaders();
      throw new Error("torn");
    }
    await pipeline(answer, response);
  }

  const server = createServer((request, response) => {
    handOn(request, response).catch(() => response.destroy());
  });
  // The runtime keeps its connections: one that was closed between two requests would look like a gateway that is down.
  server.keepAliveTimeout = 0;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}
