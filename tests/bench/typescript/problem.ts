// Problems: what a client is told when something is wrong (RFC 9457), and what only the log is told.
import type { PostgrestError } from "@supabase/postgrest-js";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ZodError } from "zod";
import type { App } from "./env";

const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

export type FieldError = { pointer: string; message: string };

export class Problem extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    readonly detail: string,
    readonly context?: string,
    readonly errors?: FieldError[],
  ) {
    super(detail);
  }

  /** Whatever a route has thrown. */
  static of(error: unknown): Problem {
    if (error instanceof Problem) return error;
    return new Problem(500, "internal", "something went wrong on our side; the request id helps to find it", String(error));
  }

  /** 422 with every field that zod found wrong. */
  static invalid(error: ZodError, prefix: "/" | "?"): Problem {
    const errors = error.issues.map(({ path, message }) => ({ pointer: prefix + path.join("/"), message }));
    return new Problem(422, "invalid", `${errors.length} fields are wrong`, undefined, errors);
  }

  /** What the gateway refused. */
  static refused(error: PostgrestError, status: number): Problem {
    const context = `${status} ${error.code} ${error.message}`;
    if (error.message.includes("TimeoutError")) {
      return new Problem(504, "gateway_timeout", "the database did not answer in time", context);
    }
    if (status === 401) return new Problem(401, "unauthenticated", "the token is not valid");
    switch (error.code) {
      case "42501":
        return new Problem(403, "forbidden", "your role does not allow this");
      case "23505":
        return new Problem(409, "already_exists", "there is one with the same id or name already");
      case "23502":
      case "23503":
      case "23514":
        return new Problem(422, "invalid", "1 field is wrong", context);
    }
    if (status === 0 || status === 502 || status === 503) {
      return new Problem(503, "unavailable", "the database cannot be reached", context);
    }
    return Problem.of(context);
  }
}

/** The answer that tells it. */
export function respond(c: Context<App>, problem: Problem): Response {
  const { status, code, detail, errors, context } = problem;
  if (context) c.set("problem", context);
  if (status === 401) c.header("www-authenticate", "Bearer");
  const title = TITLES[status];
  const body = { type: "about:blank", title, status, code, detail, request_id: c.get("requestId"), errors };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}
