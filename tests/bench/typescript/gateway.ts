// The gateway, and what the resources share of asking it.
import { PostgrestClient } from "@supabase/postgrest-js";
import type { Context } from "hono";
import * as z from "zod";
import type { App } from "./env";
import { Problem } from "./problem";

const GATEWAY_DEADLINE_MS = 10_000;

export const id = z.guid();
export const text = (most: number) => z.string().trim().max(most);

/** The gateway, asked by whoever has this token. */
export const gatewayAs = (url: string, token: string) =>
  new PostgrestClient(url, { headers: { Authorization: `Bearer ${token}` } });

/** The gateway, asked as the person whose token it is. */
export const gateway = (c: Context<App>) => gatewayAs(c.env.GATEWAY_URL, c.get("token"));

export const deadline = () => AbortSignal.timeout(GATEWAY_DEADLINE_MS);

/** The JSON body of a request. */
export async function body(c: Context<App>): Promise<unknown> {
  if (!c.req.header("content-type")?.toLowerCase().startsWith("application/json")) {
    throw new Problem(415, "unsupported_media_type", "the body must be application/json");
  }
  return c.req.json().catch(() => {
    throw new Problem(400, "malformed", "the body is not JSON");
  });
}

/** One row, with its version as its `ETag`. */
export function versioned<Row extends { version: number }>(c: Context<App>, row: Row, status: 200 | 201 = 200) {
  c.header("etag", `"${row.version}"`);
  return c.json(row, status);
}
