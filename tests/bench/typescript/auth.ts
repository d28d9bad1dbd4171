// Authentication by a bearer token (HS256): its issuer, audience, times, role and subject.
import { createMiddleware } from "hono/factory";
import { jwtVerify } from "jose";
import * as z from "zod";
import type { App } from "./env";
import { Problem } from "./problem";

const LEEWAY_SECONDS = 30;

const claims = z.object({ sub: z.guid(), role: z.literal("authenticated") });

// Imported once: jose would do it for every token when it is given bytes.
let key: Promise<CryptoKey> | undefined;

function importKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
}

export const authenticate = createMiddleware<App>(async (c, next) => {
  const [scheme, token] = c.req.header("authorization")?.split(" ") ?? [];
  if (scheme?.toLowerCase() !== "bearer" || !token) {
    throw new Problem(401, "unauthenticated", "an Authorization header with a bearer token is needed");
  }
  const verified = await jwtVerify(token, await (key ??= importKey(c.env.JWT_SECRET)), {
    algorithms: ["HS256"],
    issuer: c.env.JWT_ISSUER,
    audience: c.env.JWT_AUDIENCE,
    clockTolerance: LEEWAY_SECONDS,
    requiredClaims: ["exp"],
  }).catch(() => undefined);
  if (!claims.safeParse(verified?.payload).success) {
    throw new Problem(401, "unauthenticated", "the token is not valid");
  }
  c.set("token", token);
  await next();
});
