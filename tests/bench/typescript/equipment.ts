// Machines: changing one, guarded by its version.
import { Hono } from "hono";
import * as z from "zod";
import type { App } from "./env";
import { body, deadline, gateway, id, text, versioned } from "./gateway";
import { Problem } from "./problem";

const changes = z
  .strictObject({
    asset_tag: text(50).min(1),
    fo_number: text(50).nullable(),
    name: text(100).min(1),
    model: text(100).min(1),
    manufacturer: text(100).nullable(),
    serial_number: text(100).nullable(),
    area: text(100).nullable(),
    status: z.enum(["active", "inactive", "maintenance", "retired", "disposed"]),
    criticality: z.enum(["low", "medium", "high", "critical"]),
    installed_on: z.iso.date().nullable(),
  })
  .partial()
  .refine((fields) => Object.keys(fields).length > 0, "names no field to change");

export const equipment = new Hono<App>();

equipment.patch("/:id", async (c) => {
  const machine = id.safeParse(c.req.param("id"));
  const missing = () => new Problem(404, "not_found", "there is no such machine, or it is not yours to see");
  if (!machine.success) throw missing();
  const version = ifMatch(c.req.header("if-match"));
  const parsed = changes.safeParse(await body(c));
  if (!parsed.success) throw Problem.invalid(parsed.error, "/");

  const table = gateway(c).from("equipment");
  let update = table.update(parsed.data).eq("id", machine.data);
  if (version !== undefined) update = update.eq("version", version);
  const { data, error, status } = await update
    .select("*")
    .abortSignal(deadline())
    .single<{ version: number }>();
  if (!error) return versioned(c, data);
  if (error.code !== "PGRST116") throw Problem.refused(error, status);

  // Nothing matched; only now is it worth a second round trip to know why.
  const now = await table.select("version").eq("id", machine.data).abortSignal(deadline()).single<{ version: number }>();
  if (now.error) throw now.error.code === "PGRST116" ? missing() : Problem.refused(now.error, now.status);
  if (version !== undefined && version !== now.data.version) {
    throw new Problem(412, "precondition_failed", `it has changed since: its version is ${now.data.version}`);
  }
  throw new Problem(403, "forbidden", "your role does not allow this");
});

function ifMatch(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const version = header.trim().match(/^(?:W\/)?"?(\d+)"?$/)?.[1];
  if (!version) throw new Problem(412, "precondition_failed", "If-Match must be the version of the row, in quotes");
  return Number(version);
}
