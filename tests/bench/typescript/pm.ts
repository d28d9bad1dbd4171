// The obvious first version: a Worker that reads what is due and writes it one by one, each with one call of the
// gateway that is a transaction of its own.
import { got, job } from "./job";

type Schedule = { id: string; version: number; next_due_on: string };

const monthLater = (day: string) => {
  const date = new Date(`${day}T00:00:00Z`);
  const month = date.getUTCMonth() + 1;
  const last = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), last))).toISOString().slice(0, 10);
};

export default job(async (gateway, { now: p_now, limit }) => {
  const functions = gateway.schema("functions");
  const page = { p_now, p_limit: limit, p_after_date: null, p_after_id: null };
  const { schedules } = await got<{ schedules: Schedule[] }>(functions.rpc("pm_due", page));
  let written = 0;
  for (const { id, version, next_due_on } of schedules) {
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
    written += (await got<{ generated: number }>(functions.rpc("pm_apply", { p_now, p_plans: [plan] }))).generated;
  }
  return written;
});
