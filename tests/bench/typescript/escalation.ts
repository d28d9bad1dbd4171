// The obvious first version: a Worker that lists what has waited too long, and for each reads it, decides by the rules,
// changes it, and writes the escalation and the event: four calls of the gateway. It reads the rules once.
import { got, job } from "./job";

type Rule = {
  id: string;
  name: string;
  warehouse_id: string | null;
  wo_type: string | null;
  priority: string | null;
  timeout_minutes: number;
  steps: { action: string }[];
};
type Order = {
  id: string;
  version: number;
  warehouse_id: string;
  type: string;
  priority: string;
  status: string;
  escalated: boolean;
  last_activity_at: string;
};

const OPEN = ["new", "assigned"];

const named = (rule: Rule) => [rule.warehouse_id, rule.wo_type, rule.priority].filter((named) => named !== null).length;

/** The rule that names most of those that match. */
const ruleFor = (order: Order, rules: Rule[]) =>
  rules
    .filter(
      (rule) =>
        (rule.warehouse_id ?? order.warehouse_id) === order.warehouse_id &&
        (rule.wo_type ?? order.type) === order.type &&
        (rule.priority ?? order.priority) === order.priority,
    )
    .sort((a, b) => named(b) - named(a))[0];

export default job(async (gateway, { now, limit }) => {
  const activeRules = gateway
    .from("escalation_rules")
    .select("id,name,warehouse_id,wo_type,priority,timeout_minutes,steps")
    .eq("active", true)
    .eq("clock", "response");
  const rules = await got<Rule[]>(activeRules);
  const waiting = gateway
    .from("work_orders")
    .select("id")
    .in("status", OPEN)
    .eq("escalated", false)
    .lte("response_due_at", now)
    .limit(limit);
  let written = 0;
  for (const { id } of await got<{ id: string }[]>(waiting)) {
    const columns = "id,version,warehouse_id,type,priority,status,escalated,last_activity_at";
    const order = await got<Order>(gateway.from("work_orders").select(columns).eq("id", id).single());
    const rule = ruleFor(order, rules);
    const deadline = rule && new Date(Date.parse(order.last_activity_at) + rule.timeout_minutes * 60_000).toISOString();
    if (!deadline || order.escalated || !OPEN.includes(order.status) || Date.parse(deadline) > Date.parse(now)) continue;
    const raised = gateway
      .from("work_orders")
      .update({ escalated: true, escalation_level: 1, escalated_at: now })
      .eq("id", id)
      .eq("version", order.version)
      .select("id");
    if ((await got<unknown[]>(raised)).length === 0) continue;
    const reason = `no work has started by ${deadline}: ${rule.name} allows ${rule.timeout_minutes} minutes`;
    const step = { rule_id: rule.id, level: 1, action: rule.steps[0].action, reason };
    await got(gateway.from("escalations").insert({ work_order_id: id, ...step, decided_for: now }));
    const event = { kind: "wo_escalation", warehouse_id: order.warehouse_id, work_order_id: id, details: step };
    await got(gateway.from("events").insert(event));
    written += 1;
  }
  return written;
});
