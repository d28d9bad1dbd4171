// Makes tokens with jose, good ones and bad ones, and tells in JSON what each is and whether it is good.
//
//   MILLWRIGHT_INPUT    {"secret", "issuer", "audience", "person", "key": the private JWK or null}
//
// With a key the tokens are ES256, as Supabase Auth makes them; without one HS256, as we do.
import { SignJWT, UnsecuredJWT, base64url, exportJWK, exportSPKI, generateKeyPair, importJWK } from "jose";

const { secret, issuer, audience, person, key: jwk } = JSON.parse(process.env.MILLWRIGHT_INPUT);
const now = Math.floor(Date.now() / 1000);
const bytes = (text) => new TextEncoder().encode(text);
const { d: _, ...publicJwk } = jwk ?? {};
const ours = jwk ? await importJWK(jwk, "ES256") : bytes(secret);
const published = jwk && (await importJWK(publicJwk, "ES256", { extractable: true }));
const header = jwk ? { alg: "ES256", kid: jwk.kid } : { alg: "HS256" };
const claims = { sub: person, role: "authenticated", iss: issuer, aud: audience, iat: now, exp: now + 300 };
const stranger = await generateKeyPair("ES256", { extractable: true });
const another = jwk ? stranger.privateKey : bytes("another secret, which is as long as it must be");

const signed = (more = {}, key = ours, protectedHeader = header) => {
  const all = Object.fromEntries(Object.entries({ ...claims, ...more }).filter(([, value]) => value !== undefined));
  return new SignJWT(all).setProtectedHeader(protectedHeader).sign(key);
};
const unsigned = new UnsecuredJWT(claims).encode();
const encoded = (value) => base64url.encode(JSON.stringify(value));
const good = await signed();
const [head, body, signature] = good.split(".");

const tokens = {
  good: {
    plain: good,
    "several audiences": await signed({ aud: ["another", audience] }),
    "expired within the skew": await signed({ exp: now - 15 }),
    "valid within the skew": await signed({ nbf: now + 15 }),
    "with claims that nobody asked for": await signed({ jti: "1", user_metadata: { role: "admin" }, amr: [{ method: "otp" }] }),
  },
  // The gateway and the API both refuse these.
  bad: {
    empty: "",
    "two parts": `${head}.${body}`,
    "four parts": `${good}.${signature}`,
    "no JSON": `${head}.${base64url.encode("{")}.${signature}`,
    "a changed claim": `${head}.${encoded({ ...claims, sub: "01900000-0000-7000-8000-000000000107" })}.${signature}`,
    "half a signature": `${head}.${body}.${signature.slice(0, 40)}`,
    "no signature": `${head}.${body}.`,
    "alg none": unsigned,
    "alg none with a signature": `${unsigned}${signature}`,
    "alg None": `${encoded({ alg: "None" })}.${body}.`,
    "alg of nobody": `${encoded({ ...header, alg: "XX256" })}.${body}.${signature}`,
    "another key": await signed({}, another),
    "a key that it brings along": await signed({}, stranger.privateKey, {
      alg: "ES256", jwk: await exportJWK(stranger.publicKey),
    }),
    "an unknown critical header": `${encoded({ ...header, crit: ["exp2"], exp2: 1 })}.${body}.${signature}`,
    "a kid that is a path": await signed({}, another, { ...header, kid: "../../dev/null" }),
    expired: await signed({ exp: now - 120 }),
    "not yet valid": await signed({ nbf: now + 120 }),
  },
  // The API refuses these; the gateway has no say in them, or another one.
  strict: {
    "another audience": await signed({ aud: "another" }),
    "no audience": await signed({ aud: undefined }),
    "another issuer": await signed({ iss: "https://example.com" }),
    "no issuer": await signed({ iss: undefined }),
    "no expiry": await signed({ exp: undefined }),
    "no subject": await signed({ sub: undefined }),
    "a subject that is no id": await signed({ sub: "admin" }),
    "the role of a service": await signed({ role: "millwright_request_api" }),
    "no role": await signed({ role: undefined }),
  },
};
if (jwk) {
  // A public key, which everyone can read, is no secret.
  for (const [name, text] of [["SPKI", await exportSPKI(published)], ["JWK", JSON.stringify(publicJwk)], ["x", publicJwk.x]]) {
    tokens.bad[`HS256 with the public key as ${name}`] = await signed({}, bytes(text), { alg: "HS256", kid: jwk.kid });
  }
  tokens.strict["HS256 with the gateway's secret"] = await signed({}, bytes(secret), { alg: "HS256", kid: jwk.kid });
  tokens.strict["no kid"] = await signed({}, ours, { alg: "ES256" });
  tokens.strict["another kid"] = await signed({}, ours, { alg: "ES256", kid: "another" });
} else {
  for (const alg of ["HS384", "HS512"]) tokens.strict[alg] = await signed({}, bytes(secret.padEnd(64, "x")), { alg });
  tokens.bad.ES256 = await signed({}, stranger.privateKey, { alg: "ES256" });
}
console.log(JSON.stringify(tokens));
