// Work orders: a list with filters, one with its children, and opening one.
import { Hono } from "hono";
import * as z from "zod";
import type { App } from "./env";
import { body, deadline, gateway, id, text, versioned } from "./gateway";
import { Problem } from "./problem";

const TYPES = ["preventive", "corrective", "emergency"] as const;
const PRIORITIES = ["low", "medium", "high", "critical"] as const;
const STATUSES = [
  "new",
  "assigned",
  "in_progress",
  "on_hold",
  "completed",
  "verified",
  "closed",
  "cancelled",
] as const;

const filters = z.strictObject({
  status: z.enum(STATUSES).optional(),
  priority: z.enum(PRIORITIES).optional(),
  type: z.enum(TYPES).optional(),
  assigned_to: id.optional(),
  requested_by: id.optional(),
  warehouse_id: id.optional(),
  equipment_id: id.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().transform(decode).pipe(z.tuple([id, id])).optional(),
});

const newWorkOrder = z.strictObject({
  id: id.optional(),
  fo_number: text(50).optional(),
  type: z.enum(TYPES),
  title: text(200).min(1),
  description: text(10_000).optional(),
  area: text(100).optional(),
  asset_model: text(100).optional(),
  equipment_id: id.optional(),
  priority: z.enum(PRIORITIES).default("medium"),
  assigned_to: id.optional(),
  warehouse_id: id.optional(),
  due_at: z.iso.datetime({ offset: true }).optional(),
  parent_id: id.optional(),
  custom_fields: z.record(z.string(), z.unknown()).optional(),
});

const NAMES =
  "requester(*),assignee(*),machine(*),warehouse(*),vendor(*),completer(*),verifier(*),acknowledger(*),parent(*)";

const child = (name: string, table: string, order: string, names: string, newest?: number) =>
  ({ name, table, order, names, newest });
const CHILDREN = [
  child("checklist", "checklist_items", "position", "follow_up_order(*)"),
  child("attachments", "attachments!attachments_work_order_id_fkey", "id", "uploader(*)"),
  child("crew", "work_order_crew", "id", "person(*)"),
  child("time_logs", "time_logs", "started_at", "person(*),annuller(*)"),
  child("comments", "comments", "id", "author(*)"),
  child("parts", "part_transactions", "id", "part(*),work_order(*),performer(*)"),
  child("reservations", "part_reservations", "id", "part(*),reserver(*)"),
  child("relations", "work_order_relations!work_order_relations_work_order_id_fkey", "id", "other(*),creator(*)"),
  child("escalations", "escalations", "id", "rule(*)"),
  child("history", "work_order_history", "position", "actor(*)", 100),
];

const include = z
  .string()
  .default("checklist,attachments")
  .transform((words) => words.split(","))
  .pipe(z.array(z.enum(["names", ...CHILDREN.map((one) => one.name)])));

export const workOrders = new Hono<App>();

workOrders.get("/", async (c) => {
  const parsed = filters.safeParse(c.req.query());
  if (!parsed.success) throw Problem.invalid(parsed.error, "?");
  const { limit, cursor, ...equal } = parsed.data;
  let query = gateway(c).from("work_orders").select("*").is("archived_at", null);
  for (const [column, value] of Object.entries(equal)) query = query.eq(column, value);
  if (cursor) query = query.lt("id", cursor[1]);
  const { data, error, status } = await query
    .order("id", { ascending: false })
    .limit(limit)
    .abortSignal(deadline())
    .overrideTypes<{ id: string }[], { merge: false }>();
  if (error) throw Problem.refused(error, status);
  const last = data.at(-1);
  if (last && data.length === limit) c.header("link", `<${nextPage(c.req.url, last.id)}>; rel="next"`);
  return c.json(data);
});

workOrders.get("/:id", async (c) => {
  const parsed = id.safeParse(c.req.param("id"));
  const missing = () => new Problem(404, "not_found", "there is no such work order, or it is not yours to see");
  if (!parsed.success) throw missing();
  const asked = include.safeParse(c.req.query("include"));
  if (!asked.success) throw Problem.invalid(asked.error, "?");
  const withNames = asked.data.includes("names");
  const children = CHILDREN.filter((child) => asked.data.includes(child.name));
  const told = children.map(({ name, table, names }) => `${name}:${table}(*${withNames ? `,${names}` : ""})`);
  let query = gateway(c)
    .from("work_orders")
    .select(["*", "...standing(open_moves,may)", ...(withNames ? [NAMES] : []), ...told].join(","))
    .eq("id", parsed.data);
  for (const { name, order, newest } of children) {
    query = query.order(order, { referencedTable: name, ascending: newest === undefined });
    if (newest !== undefined) query = query.limit(newest, { referencedTable: name });
  }
  const { data, error, status } = await query.abortSignal(deadline()).single<{ version: number }>();
  if (error) throw error.code === "PGRST116" ? missing() : Problem.refused(error, status);
  return versioned(c, data);
});

workOrders.post("/", async (c) => {
  const parsed = newWorkOrder.safeParse(await body(c));
  if (!parsed.success) throw Problem.invalid(parsed.error, "/");
  const { data, error, status } = await gateway(c)
    .from("work_orders")
    .insert(parsed.data)
    .select("*")
    .abortSignal(deadline())
    .single<{ id: string; version: number }>();
  if (error) throw Problem.refused(error, status);
  c.executionCtx.waitUntil(c.env.NUDGES.send({ nudge: true }));
  c.header("location", `/api/v1/work-orders/${data.id}`);
  return versioned(c, data, 201);
});

/** The address of the page after the row with this id: this one's, with another cursor. */
function nextPage(address: string, last: string): string {
  const next = new URL(address);
  next.searchParams.delete("cursor");
  next.searchParams.append("cursor", encode([last, last]));
  return next.pathname + next.search;
}

function encode(cursor: [string, string]): string {
  return btoa(JSON.stringify(cursor)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decode(text: string): unknown {
  try {
    return JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return undefined;
  }
}
