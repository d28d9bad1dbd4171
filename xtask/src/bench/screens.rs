//! The routes of whole screens: what the gateway is asked for them.

/// The members of a work order that its screen shows.
pub(super) const WHOLE: &str =
    "names,checklist,attachments,crew,time_logs,comments,parts,reservations,relations,escalations,history";

/// The names that a work order refers to, as the gateway embeds them.
const NAMES: &str = "requester(*),assignee(*),machine(*),warehouse(*),vendor(*),completer(*),verifier(*),acknowledger(*),parent(*)";

/// Each child: its name, its table (and the key that leads there), its order, and what it refers to.
const CHILDREN: [(&str, &str, &str, &str); 10] = [
    ("checklist", "checklist_items", "position.asc", "follow_up_order(*)"),
    ("attachments", "attachments!attachments_work_order_id_fkey", "id.asc", "uploader(*)"),
    ("crew", "work_order_crew", "id.asc", "person(*)"),
    ("time_logs", "time_logs", "started_at.asc", "person(*),annuller(*)"),
    ("comments", "comments", "id.asc", "author(*)"),
    ("parts", "part_transactions", "id.asc", "part(*),work_order(*),performer(*)"),
    ("reservations", "part_reservations", "id.asc", "part(*),reserver(*)"),
    (
        "relations",
        "work_order_relations!work_order_relations_work_order_id_fkey",
        "id.asc",
        "other(*),creator(*)",
    ),
    ("escalations", "escalations", "id.asc", "rule(*)"),
    ("history", "work_order_history", "position.desc&history.limit=100", "actor(*)"),
];

/// The gateway's question for one work order with all that its screen shows.
pub(super) fn whole_there(id: &str) -> String {
    let children = CHILDREN.map(|(name, table, _, names)| format!("{name}:{table}(*,{names})")).join(",");
    let orders = CHILDREN.map(|(name, _, order, _)| format!("{name}.order={order}")).join("&");
    format!("/work_orders?select=*,...standing(open_moves,may),{NAMES},{children}&id=eq.{id}&{orders}")
}
