// What the screens of an app make of the rows: nothing is cast, and nothing is guessed.

import type { components } from "#api";
import type { Api, Problem, Query } from "./client";
import * as work from "./work";

type Schemas = components["schemas"];
type WorkOrder = Schemas["WorkOrder"];

/** A line of a list. */
export interface Line {
  id: string;
  title: string;
  due: Date | undefined;
  badge: string;
  done: number;
}

const BADGES: Record<Schemas["WorkOrderStatus"], string> = {
  new: "new",
  assigned: "taken",
  in_progress: "running",
  on_hold: "waiting",
  completed: "to be judged",
  verified: "good",
  closed: "closed",
  cancelled: "cancelled",
};

export function line(order: WorkOrder): Line {
  const items = order.checklist ?? [];
  return {
    id: order.id,
    title: `${order.number} ${order.title}`,
    due: order.due_at === null ? undefined : new Date(order.due_at),
    badge: order.escalated ? `${BADGES[order.status]}!` : BADGES[order.status],
    done: items.filter((item) => item.state !== "pending").length,
  };
}

/** Mine or nobody's, that is not over. */
export const mine = (me: string): Query<"listWorkOrders"> => ({
  assigned_to: [me, "null"],
  "status.not": ["verified", "closed", "cancelled"],
  include: ["checklist"],
  sort: "due_at",
});

/** What is due before a moment, in these states. */
export const dueBefore = (moment: Date, ...status: Schemas["WorkOrderStatus"][]): Query<"listWorkOrders"> => ({
  status,
  "due_at.lt": moment.toISOString(),
});

export const lines = async (api: Api, query: Query<"listWorkOrders">) =>
  (await work.listWorkOrders(api, query)).map(line);

/** What a person is told of a refusal. */
export function told(problem: Problem): string {
  switch (problem.code) {
    case "move_not_open":
      return `now it is ${problem.current_status ?? "elsewhere"}; open: ${(problem.open_moves ?? []).join(", ")}`;
    case "invalid":
      return (problem.errors ?? []).map((error) => `${error.pointer} ${error.message}`).join("; ");
    case "too_far_behind":
    case "unreadable":
    case "precondition_failed":
      return "read it again";
    default:
      return problem.detail;
  }
}

/** What a phone holds after a change. */
export function held(change: Schemas["SyncChanges"]["changes"][number]): number {
  const order = change.work_orders;
  return order === null ? 0 : order.checklist.length + order.comments.length + order.time_logs.length;
}

/** What became of what a phone brought. */
export const unsettled = (results: Schemas["SyncResults"]): string[] =>
  results.results.filter((result) => result.outcome !== "applied").map((result) => result.detail ?? result.outcome);

/** What two people may see of each other. */
export const mayLead = (person: Schemas["Person"] | Schemas["Me"]): boolean =>
  person.role === "supervisor" || person.role === "manager" || person.role === "admin";

/** A value that someone typed for this machine. */
export const custom = (machine: Schemas["Machine"], name: string): unknown => machine.custom_fields[name];
