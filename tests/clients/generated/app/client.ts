// The client, and what an app asks of every answer: its data, or the problem that it throws.

import createClient from "openapi-fetch";
import type { components, operations, paths } from "#api";

export type Api = ReturnType<typeof connect>;
export type Problem = components["schemas"]["Problem"];

/** The query of an operation. */
export type Query<Id extends keyof operations> = NonNullable<operations[Id]["parameters"]["query"]>;

/** The body of an operation, in JSON. */
export type Body<Id extends keyof operations> = operations[Id] extends {
  requestBody: { content: { "application/json": infer Json } };
}
  ? Json
  : never;

/** The body of an operation, as a form. */
export type FormOf<Id extends keyof operations> = operations[Id] extends {
  requestBody: { content: { "multipart/form-data": infer Form } };
}
  ? Form
  : never;

/** A client of whoever this token is of; without one, of a stranger. */
export function connect(baseUrl: string, token?: string) {
  const api = createClient<paths>({ baseUrl });
  if (token !== undefined) {
    api.use({ onRequest: ({ request }) => request.headers.set("authorization", `Bearer ${token}`) });
  }
  return api;
}

/** What was refused. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

interface Answer<Data, Failure> {
  data?: Data;
  error?: Failure;
  response: Response;
}

/** The data of an answer. */
export async function answer<Data>(asked: Promise<Answer<Data, Problem | string>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await asked;
  if (data !== undefined && data !== null) return data;
  throw refusal(error, response);
}

/** An answer that has none. */
export async function done(asked: Promise<Answer<unknown, Problem | string>>): Promise<void> {
  const { error, response } = await asked;
  if (!response.ok) throw refusal(error, response);
}

function refusal(error: Problem | string | undefined, response: Response): Error {
  return typeof error === "object" ? new Refused(error) : new Error(`${response.status} ${response.url}: ${error}`);
}

/** Makes a request harmless that is sent again. */
export const once = () => ({ "Idempotency-Key": crypto.randomUUID() });

/** Guards a change, where it is known what it was made from. */
export const ifMatch = (etag?: string) => (etag === undefined ? {} : { "If-Match": etag });

/** Sends a body as the CSV text that it is. */
export const asCsv = { headers: { "content-type": "text/csv" }, bodySerializer: (text: string) => text };

/** Sends these bytes. */
export const bytes = (file: Blob) => ({
  headers: { "content-type": "application/octet-stream" },
  bodySerializer: () => file,
});

/** Sends a body as a form. */
export const asForm = {
  bodySerializer: (fields: object) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
    return form;
  },
};
