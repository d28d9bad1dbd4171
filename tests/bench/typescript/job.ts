// The frame of the Workers that write row by row: a job that is asked over HTTP, so that it can be timed. `POST
// {"token", "now", "limit"}` answers with how many were written, or with what went wrong.
import { gatewayAs } from "./gateway";

export type Gateway = ReturnType<typeof gatewayAs>;
export type Asked = { now: string; limit: number };

export const job = (work: (gateway: Gateway, asked: Asked) => Promise<number>) => ({
  async fetch(request: Request, env: { GATEWAY_URL: string }) {
    const { token, ...asked } = (await request.json()) as Asked & { token: string };
    try {
      return Response.json({ written: await work(gatewayAs(env.GATEWAY_URL, token), asked) });
    } catch (error) {
      return Response.json({ problem: String(error) });
    }
  },
});

/** What was asked for; a refusal ends the job. */
export async function got<T>(asked: PromiseLike<{ data: unknown; error: { message: string } | null }>): Promise<T> {
  const { data, error } = await asked;
  if (error) throw new Error(error.message);
  return data as T;
}
