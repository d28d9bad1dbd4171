// A morning, told with the app: it ends with a line, or with what was not as it should be.

import { Refused, connect } from "./client";
import * as assets from "./assets";
import * as company from "./company";
import * as own from "./own";
import * as planning from "./planning";
import * as screens from "./screens";
import * as work from "./work";

declare const process: { env: Record<string, string | undefined> };

const address = process.env["MILLWRIGHT_API"] ?? "http://127.0.0.1:8787";

async function signIn(who: string) {
  const session = await own.signIn(connect(address), { email: `${who}@demo.test`, password: "millwright-demo" });
  return { api: connect(address, session.access_token), me: session.user.id, session };
}

function must(what: string, holds: boolean): void {
  if (!holds) throw new Error(what);
}

async function refused(asked: Promise<unknown>) {
  const problem = await asked.then(
    () => undefined,
    (error: unknown) => (error instanceof Refused ? error.problem : undefined),
  );
  if (problem === undefined) throw new Error("that should have been refused");
  return problem;
}

const [technician, supervisor, admin] = [await signIn("technician"), await signIn("supervisor"), await signIn("admin")];

// A problem is reported, and found among what is mine or nobody's.
const order = await work.createWorkOrder(supervisor.api, { type: "corrective", title: "Door sticks", priority: "high" });
const found = await screens.lines(technician.api, { ...screens.mine(technician.me), sort: "-id", limit: 200 });
must("it is found among what is nobody's", found.some((line) => line.id === order.id && line.badge === "new"));
const several = await work.listWorkOrders(supervisor.api, { status: ["new", "assigned"], id: [order.id] });
must("values that are said again are all meant", several.length === 1 && several[0]?.title === order.title);
const due = await screens.lines(supervisor.api, screens.dueBefore(new Date(), "new", "assigned"));
must("a range leaves out what has no date", due.every((line) => line.due !== undefined));

// It is taken, twice, which is once.
const taken = await work.assignWorkOrder(technician.api, order.id, { assigned_to: technician.me });
const again = await work.assignWorkOrder(technician.api, order.id, { assigned_to: technician.me });
must("the same assignment again changes nothing", taken.version === again.version);
const problem = await refused(work.transitionWorkOrder(technician.api, order.id, { to: "verified" }));
must("a refusal says what is open instead", screens.told(problem).includes("in_progress"));
await work.transitionWorkOrder(technician.api, order.id, { to: "in_progress" });
const comment = await work.createComment(technician.api, order.id, { body: "The spring had come off." });
const whole = await work.getWorkOrder(technician.api, order.id, { include: ["comments", "crew"] });
must("children come with it", (whole.comments ?? []).some((one) => one.id === comment.id));
await refused(work.updateWorkOrder(technician.api, order.id, { description: "x" }, '"9999"'));
await work.updateWorkOrder(technician.api, order.id, { description: "It rubs." }, "*");

// Lists as files, and files as lists.
const csv = await work.exportWorkOrders(supervisor.api, { id: [order.id], fields: ["number", "title"] });
must("an export is CSV", csv === `id,number,title\n${order.id},${order.number},Door sticks\n`);
const report = await assets.importMachines(supervisor.api, "asset_tag,name,model\nGEN-1,Press,P\n", { dry_run: true });
must("an import is tried", report.totals.lines === 1 && !report.applied);
const machines = await assets.listMachines(technician.api, { limit: 1, "status.not": ["disposed"] });
const machine = machines[0];
if (machine === undefined) throw new Error("there is a machine");
must("free fields are anything", screens.custom(machine, "nothing") === undefined);
const label = await assets.getMachineLabel(technician.api, machine.id);
must("a label is SVG", label.startsWith("<svg"));

// A picture goes in as it is.
const pixel = Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), (c) => c.charCodeAt(0));
const stored = await work.uploadWorkOrderAttachment(technician.api, order.id, new Blob([pixel]), { filename: "a.png" });
must("a file is kept", stored.state === "uploaded" || stored.state === "processing");

// The phone, the office, the machines' life.
const changes = await own.getSyncChanges(technician.api, { limit: 100 });
must("documents come whole", changes.changes.some((change) => screens.held(change) >= 0) && changes.cursor !== "");
const sent = await own.sendSyncMutations(technician.api, {
  device_id: crypto.randomUUID(),
  sent_at: new Date().toISOString(),
  mutations: [
    {
      id: crypto.randomUUID(), entity: "comments", entity_id: crypto.randomUUID(), made_at: new Date().toISOString(),
      changes: { work_order_id: order.id, body: "From the phone" },
    },
  ],
});
must("what a phone brings is taken", screens.unsettled(sent).length === 0);
const config = await own.getConfig(connect(address));
must("strangers are told the words", config.enums["work-orders"]?.["status"]?.includes("on_hold") === true);
const people = await company.listPeople(admin.api, { role: ["supervisor", "manager"], active: [true] });
must("those who lead are known", people.length > 0 && people.every(screens.mayLead));
const preview = await planning.previewRule(supervisor.api, { rrule: "FREQ=MONTHLY;BYDAY=1MO", starts_on: "2027-01-01", count: 3 });
must("a rule is tried out", preview.dates[0]?.due_on === "2027-01-04");
const stray = await refused(work.listWorkOrders(supervisor.api, { cursor: "x" }));
must("a cursor that is none is told", stray.code === "not_a_cursor" && stray.errors?.[0]?.pointer === "?cursor");

console.log("as it should be");
