//! Every function that clients reach, called with what belongs to a warehouse that is not the caller's: nothing of it is
//! told, and nothing of it is changed. The functions are those in the catalog; what a parameter is filled with is in
//! `arguments`.

mod arguments;
mod belongings;
mod catalog;
mod trusted;

use crate::matrix::rule::Place;
use crate::matrix::scene::Scene;
use crate::tables;
use anyhow::{Context, Result};
use arguments::Named;
use belongings::Belongings;
use catalog::{Function, shown};
use millwright_contract_tests::{Answer, Caller, ROLES};
use millwright_domain::resource::NAMES;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Managers and administrators have no other warehouse.
const SEE_ALL: [&str; 2] = ["manager", "admin"];

/// Functions that would find nothing of another warehouse even so.
const HARMLESS: [&str; 26] = [
    // The document of a change that is seen, and not of one that someone makes up.
    "changed_equipment",
    "changed_parts",
    "changed_profiles",
    "changed_vendors",
    "changed_warehouses",
    "changed_work_orders",
    // They read no row.
    "asset_tag_alike",
    "due_or_never",
    "email_alike",
    "low_stock",
    "name_alike",
    "overdue",
    "part_number_alike",
    "permissions",
    "urgency",
    // It tells the moments that are given, in local time.
    "pm_local_times",
    // Of another warehouse it would tell how much there is, and not what (`screens`). The inbox is the caller's by its condition.
    "home",
    "read_notifications",
    // It tells what the caller may do with a row that was judged before, as the names below tell what that is about.
    "standing",
    // It is judged by another before it writes anything.
    "decide_review",
    // What they look up is judged before.
    "find_equipment",
    "find_parts",
    "find_profiles",
    "find_work_orders",
    "own_attachments",
    "own_work_orders",
];

#[test]
fn no_function_tells_or_changes_what_belongs_to_another_warehouse() -> Result<()> {
    let mut strangers = Strangers::from_the_other_warehouse("functions")?;
    let functions = shown(&mut strangers.scene.world)?;
    assert!(functions.len() > 30, "{} functions", functions.len());
    strangers.find_nothing(&functions);
    Ok(())
}

#[test]
fn no_function_tells_or_changes_anything_for_strangers_and_whoever_left() -> Result<()> {
    let mut strangers = Strangers::who_left("functions_left")?;
    let functions = shown(&mut strangers.scene.world)?;
    strangers.find_nothing(&functions);
    Ok(())
}

/// The mutation test of the first one: each function gets its owner's rights, and tells or changes something.
#[test]
fn a_function_that_row_level_security_did_not_judge_would_be_found() -> Result<()> {
    let mut strangers = Strangers::from_the_other_warehouse("functions_unjudged")?;
    let mut silent = Vec::new();
    for function in shown(&mut strangers.scene.world)?.iter().filter(|function| !function.is_definer) {
        let alter = |rights: &str| format!("alter function {} security {rights}", function.signature);
        strangers.scene.world.sql.batch_execute(&alter("definer"))?;
        if strangers.faults(function)?.is_empty() {
            silent.push(function.name.clone());
        }
        strangers.scene.world.sql.batch_execute(&alter("invoker"))?;
    }
    let names = NAMES.iter().map(|name| name.name);
    let harmless: BTreeSet<_> = HARMLESS.into_iter().chain(names).map(str::to_owned).collect();
    assert_eq!(
        silent.into_iter().collect::<BTreeSet<_>>(),
        harmless,
        "left: nothing shows; right: where nothing could"
    );
    Ok(())
}

/// People to whom none of what they name belongs.
struct Strangers {
    scene: Scene,
    callers: BTreeMap<&'static str, Caller>,
    named: Named,
    /// The warehouse that is not theirs; none: they have left, and nothing is.
    warehouse: Option<Uuid>,
    /// What is not theirs, as it was after the last function.
    belongings: Belongings,
}

impl Strangers {
    fn from_the_other_warehouse(database: &str) -> Result<Self> {
        let mut scene = Scene::open(database)?;
        let named = named(&mut scene, Place::There)?;
        let mut callers = BTreeMap::new();
        for role in ROLES.into_iter().filter(|role| !SEE_ALL.contains(role)) {
            callers.insert(role, scene.world.caller(&scene.here.person(role)?.email)?);
        }
        Self::of(Some(scene.there.id), scene, callers, named)
    }

    fn who_left(database: &str) -> Result<Self> {
        let mut scene = Scene::open(database)?;
        let named = named(&mut scene, Place::Here)?;
        let mut callers = BTreeMap::from([("a stranger", scene.world.stranger()?)]);
        for role in ROLES {
            callers.insert(role, scene.world.caller(&scene.here.person(role)?.email)?);
            scene.set_active(role, false)?;
        }
        Self::of(None, scene, callers, named)
    }

    fn of(
        warehouse: Option<Uuid>,
        mut scene: Scene,
        callers: BTreeMap<&'static str, Caller>,
        named: Named,
    ) -> Result<Self> {
        let belongings = Belongings::of(&mut scene.world, warehouse)?;
        Ok(Self { scene, callers, named, warehouse, belongings })
    }

    fn find_nothing(&mut self, functions: &[Function]) {
        let mut wrong = Vec::new();
        for function in functions {
            match self.faults(function) {
                Ok(faults) => wrong.extend(faults),
                // What it could not be filled with.
                Err(error) => wrong.push(format!("{error:#}")),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// What is told or changed when everyone calls it with every combination of arguments.
    fn faults(&mut self, function: &Function) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        for arguments in self.named.arguments(function)? {
            let question = arguments.to_string();
            for (who, caller) in &self.callers {
                for answer in asked(caller, function, &arguments)? {
                    let told = self.belongings.told_in(&answer, &question);
                    if told.is_some() || answer.status >= 500 {
                        wrong.push(format!(
                            "{} {question} by {who} tells {told:?}: {answer:?}",
                            function.name
                        ));
                    }
                }
            }
        }
        let now = Belongings::of(&mut self.scene.world, self.warehouse)?;
        let changes = self.belongings.difference(&now);
        wrong.extend(changes.into_iter().map(|row| format!("{} changes {row}", function.name)));
        self.belongings = now;
        Ok(wrong)
    }
}

/// A call, and where it takes a row, what it is as a column of all rows there are to be seen.
fn asked(caller: &Caller, function: &Function, arguments: &Value) -> Result<Vec<Answer>> {
    let mut answers = vec![caller.call("public", &function.name, arguments)?];
    if let Some(table) = function.column_of() {
        let rows = if function.gives_rows { "(*)" } else { "" };
        let path = format!("{table}?select={}{rows}", function.name);
        answers.push(caller.send(Method::GET, "public", &path, None, &[])?);
    }
    Ok(answers)
}

/// One row of every table at this place, and a mutation of everyone's phone there.
fn named(scene: &mut Scene, place: Place) -> Result<Named> {
    let mut rows = BTreeMap::new();
    for rule in tables::rules().filter(|rule| rule.who.iter().any(|(of, ..)| *of == place)) {
        let made = scene.make(rule, place, "technician", true)?;
        let found = scene.world.rows(rule.table(), &made.key)?;
        rows.extend(found.into_iter().next().map(|row| (rule.table(), row)));
    }
    let room = if place == Place::There { &scene.there } else { &scene.here };
    let (warehouse, word, mutation) = (room.id, Uuid::now_v7(), Uuid::now_v7());
    let people: Vec<_> = room.people.iter().map(|person| person.id).collect();
    let labels = json!({"key": "qr_code_base_url", "warehouse_id": warehouse, "value": format!("https://{word}.test")});
    scene.world.insert_row("settings", &labels)?;
    // Words that are no ids: an id alone makes nothing belong to anyone.
    let part = json!({"part_number": format!("P-{word}"), "name": "A belt", "warehouse_id": warehouse});
    let machine = json!({"asset_tag": format!("M-{word}"), "name": "A machine", "model": "L", "warehouse_id": warehouse});
    rows.insert("warehouses", json!({"id": warehouse}));
    let opened = scene.world.rows("audit_log", &json!({"subject_id": warehouse}))?;
    rows.extend(opened.into_iter().next().map(|row| ("audit_log", row)));
    rows.insert("parts", scene.world.insert_row("parts", &part)?);
    rows.insert("equipment", scene.world.insert_row("equipment", &machine)?);
    // An item goes with its own work order, and that with the machine.
    let order = of(&rows, "checklist_items", "work_order_id")?;
    let at_machine = "update public.work_orders set equipment_id = $2 where id = $1";
    scene.world.change(at_machine, &[&order, &of(&rows, "equipment", "id")?])?;
    rows.extend(
        scene.world.rows("work_orders", &json!({"id": order}))?.pop().map(|row| ("work_orders", row)),
    );
    scene.world.change(
        "insert into private.sync_mutations (caller, mutation, device, entity, fingerprint, phone_time, at, typed, entity_id, said, answer)
           select p.id, $2, $2, 'work_orders', 'a mutation', now(), now(), '{}', $3, '{}', jsonb_build_object('detail', gen_random_uuid())
           from public.profiles p where p.id = any ($1)",
        &[&people, &mutation, &order],
    )?;
    Ok(Named { rows, mutation })
}

fn of(rows: &BTreeMap<&str, Value>, table: &str, column: &str) -> Result<Uuid> {
    let id = rows.get(table).and_then(|row| row.get(column)).cloned().unwrap_or_default();
    serde_json::from_value(id).with_context(|| format!("{table} has no {column}"))
}
