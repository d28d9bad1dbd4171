// What one would write first: a Worker that reads what is due and writes it one by one, each with one call of the gateway
// that is a transaction of its own. `POST {"token": …, "limit": …}`; answers with how many and how long.
type Schedule = { id: string; version: number; next_due_on: string };

const monthLater = (day: string) => {
  const date = new Date(`${day}T00:00:00Z`);
  const month = date.getUTCMonth() + 1;
  const last = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), last))).toISOString().slice(0, 10);
};

export default {
  async fetch(request: Request, env: { GATEWAY_URL: string }) {
    const { token, limit } = (await request.json()) as { token: string; limit: number };
    const p_now = new Date().toISOString();
    const call = async (name: string, body: unknown) => {
      const headers = {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "content-profile": "functions",
      };
      const answer = await fetch(`${env.GATEWAY_URL}/rpc/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    };
    const due = (await call("pm_due", { p_now, p_limit: limit, p_after_date: null, p_after_id: null })) as {
      schedules: Schedule[];
    };
    let generated = 0;
    for (const { id, version, next_due_on } of due.schedules) {
      const next = monthLater(next_due_on);
      const occurrence = {
        occurs_on: next_due_on,
        due_on: next_due_on,
        decision: "generated",
        reason: "generated on its day",
      };
      const plan = {
        schedule_id: id,
        version,
        next_due_on: next,
        generate_on: next,
        last_due_on: next_due_on,
        occurrences: [occurrence],
      };
      const applied = await call("pm_apply", { p_now, p_plans: [plan] });
      generated += (applied as { generated: number }).generated;
    }
    return Response.json({ generated });
  },
};
