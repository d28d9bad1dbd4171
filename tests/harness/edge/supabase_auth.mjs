// Plays Supabase Auth, as far as Millwright speaks to it: its REST interface, its codes, its ES256 tokens and its JWKS.
//
//   POST /token?grant_type=password|refresh_token   a session; a refresh token that comes twice ends its session
//   POST /logout?scope=local|global|others          ends the session of the bearer's token, all of that person's, or the others
//   PUT  /user                                      {"password"}
//   POST /recover                                   {"email"}: the link of its mail is `recovery-ADDRESS`, once
//   POST /verify                                    {"type", "token_hash"}: a session for such a link
//   GET  /.well-known/jwks.json                     the public key
//   POST /admin/users                               {"id", "email", "password"}: a person, for tests
//   POST /behaviour                                 {"email", "status", "retry_after"?}: that sign-in fails so, from now on
//   GET  /counts                                    how often the public key was fetched
import { createPrivateKey, createPublicKey, randomBytes, randomUUID, sign, verify } from "node:crypto";
import { body, json, listen } from "./http.mjs";

const LASTS = 3600;
const P1363 = "ieee-p1363";

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

class SupabaseAuth {
  people = new Map();
  sessions = new Map();
  refreshTokens = new Map();
  behaviours = new Map();
  links = new Map();
  fetches = 0;

  constructor({ port, apikey, key, kid }) {
    this.issuer = `http://127.0.0.1:${port}`;
    this.apikey = apikey;
    this.kid = kid;
    this.privateKey = createPrivateKey({ key, format: "jwk" });
    this.publicKey = createPublicKey(this.privateKey);
  }

  token(person, session) {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer, sub: person.id, aud: "authenticated", role: "authenticated", email: person.email,
      iat: now, exp: now + LASTS, session_id: session,
    };
    const text = `${encoded({ alg: "ES256", kid: this.kid, typ: "JWT" })}.${encoded(claims)}`;
    const signature = sign("sha256", Buffer.from(text), { key: this.privateKey, dsaEncoding: P1363 });
    return `${text}.${signature.toString("base64url")}`;
  }

  granted(response, person, session) {
    const refresh_token = randomBytes(9).toString("base64url");
    this.refreshTokens.set(refresh_token, { person, session, used: false });
    const access_token = this.token(person, session);
    const user = { id: person.id, email: person.email, aud: "authenticated", role: "authenticated" };
    json(response, 200, { access_token, token_type: "bearer", expires_in: LASTS, refresh_token, user });
  }

  /** The session and the person of a bearer token, if both are still there. */
  bearer(request) {
    const [head, claims, signature] = (request.headers.authorization ?? "").replace(/^Bearer /, "").split(".");
    const key = { key: this.publicKey, dsaEncoding: P1363 };
    const bytes = Buffer.from(signature ?? "", "base64url");
    if (!verify("sha256", Buffer.from(`${head}.${claims}`), key, bytes)) return undefined;
    const { session_id } = JSON.parse(Buffer.from(claims, "base64url").toString());
    const person = this.sessions.get(session_id);
    return person && { session: session_id, person };
  }

  withPassword(response, { email, password }) {
    const behaviour = this.behaviours.get(email);
    if (behaviour) {
      const headers = behaviour.retry_after === undefined ? {} : { "retry-after": String(behaviour.retry_after) };
      return refuse(response, behaviour.status, "asked_for", headers);
    }
    const person = this.people.get(email);
    if (person?.password !== password) return refuse(response, 400, "invalid_credentials");
    const session = randomUUID();
    this.sessions.set(session, person);
    this.granted(response, person, session);
  }

  withRefreshToken(response, { refresh_token }) {
    const token = this.refreshTokens.get(refresh_token);
    if (!token || !this.sessions.has(token.session)) return refuse(response, 400, "refresh_token_not_found");
    if (token.used) {
      this.sessions.delete(token.session);
      return refuse(response, 400, "refresh_token_already_used");
    }
    token.used = true;
    this.granted(response, token.person, token.session);
  }

  logout(request, response, scope) {
    const bearer = this.bearer(request);
    if (!bearer) return refuse(response, 403, "session_not_found");
    for (const [session, person] of this.sessions) {
      const own = session === bearer.session;
      const ends = scope === "others" ? !own && person === bearer.person : own || (scope === "global" && person === bearer.person);
      if (ends) this.sessions.delete(session);
    }
    response.writeHead(204).end();
  }

  recover(response, { email }) {
    if (this.people.has(email)) this.links.set(`recovery-${email}`, this.people.get(email));
    json(response, 200, {});
  }

  verify(response, { type, token_hash }) {
    const person = this.links.get(token_hash);
    if (!person || !token_hash.startsWith(type)) return refuse(response, 403, "otp_expired");
    this.links.delete(token_hash);
    const session = randomUUID();
    this.sessions.set(session, person);
    this.granted(response, person, session);
  }

  change(request, response, { password }) {
    const bearer = this.bearer(request);
    if (!bearer) return refuse(response, 403, "session_not_found");
    if (password === bearer.person.password) return refuse(response, 422, "same_password");
    if (/^(.)\1*$/.test(password)) return refuse(response, 422, "weak_password");
    bearer.person.password = password;
    json(response, 200, { id: bearer.person.id, email: bearer.person.email });
  }

  async handle(request, response, url) {
    const route = `${request.method} ${url.pathname}`;
    if (route === "GET /counts") return json(response, 200, { jwks: this.fetches });
    if (route === "GET /.well-known/jwks.json") {
      this.fetches += 1;
      const key = { ...this.publicKey.export({ format: "jwk" }), kid: this.kid, alg: "ES256", use: "sig" };
      return json(response, 200, { keys: [{ ...key, key_ops: ["verify"], ext: true }] });
    }
    if (request.headers.apikey !== this.apikey) return refuse(response, 401, "no_authorization");
    const text = await body(request);
    const said = text === "" ? {} : JSON.parse(text);
    switch (route) {
      case "POST /token":
        return url.searchParams.get("grant_type") === "password"
          ? this.withPassword(response, said)
          : this.withRefreshToken(response, said);
      case "POST /logout":
        return this.logout(request, response, url.searchParams.get("scope"));
      case "PUT /user":
        return this.change(request, response, said);
      case "POST /recover":
        return this.recover(response, said);
      case "POST /verify":
        return this.verify(response, said);
      case "POST /admin/users":
        this.people.set(said.email, said);
        // As if they were invited there.
        this.links.set(`invite-${said.email}`, said);
        return json(response, 200, { id: said.id, email: said.email });
      case "POST /behaviour":
        this.behaviours.set(said.email, said);
        return response.writeHead(204).end();
    }
    refuse(response, 404, "not_found");
  }
}

function refuse(response, status, error_code, headers = {}) {
  json(response, status, { code: status, error_code, msg: "In its own words" }, headers);
}

/** Starts it on `{port, apikey, key, kid}`; the key is a private JWK. */
export function startSupabaseAuth(config) {
  const auth = new SupabaseAuth(config);
  return listen(config.port, (request, response, url) => auth.handle(request, response, url));
}
