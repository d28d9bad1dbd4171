//! The arguments that functions are called with: what belongs to a warehouse that is none of the caller's business.

use crate::functions::catalog::{Function, Parameter};
use anyhow::{Context, Result, bail};
use millwright_contract_tests::with;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A parameter that is an id, and the table that it names a row of. Each is asked for with such a row, and with null, which
/// is everything that there is.
const IDS: [(&str, &str); 10] = [
    ("p_equipment", "equipment"),
    ("p_id", "work_orders"),
    ("p_item", "checklist_items"),
    ("p_machine", "equipment"),
    ("p_profile", "profiles"),
    ("p_review", "reviews"),
    ("p_schedule", "pm_schedules"),
    ("p_template", "pm_templates"),
    ("p_warehouse", "warehouses"),
    ("p_work_order", "work_orders"),
];

/// Rows that a caller names, one of each table, and the mutation of a phone.
pub(crate) struct Named {
    pub(crate) rows: BTreeMap<&'static str, Value>,
    pub(crate) mutation: Uuid,
}

impl Named {
    fn row(&self, table: &str) -> Result<&Value> {
        self.rows.get(table).with_context(|| format!("there is no row of {table} to name"))
    }

    fn value(&self, table: &str, column: &str) -> Result<Value> {
        self.row(table)?.get(column).cloned().with_context(|| format!("{table} has no {column}"))
    }

    /// All combinations of arguments for a function.
    pub(crate) fn arguments(&self, function: &Function) -> Result<Vec<Value>> {
        let mut all = vec![Map::new()];
        for parameter in &function.parameters {
            let values = self.values(&function.name, parameter)?;
            all = all
                .iter()
                .flat_map(|one| {
                    values.iter().map(|value| {
                        let mut more = one.clone();
                        more.insert(parameter.name.clone(), value.clone());
                        more
                    })
                })
                .collect();
        }
        Ok(all.into_iter().map(Value::Object).collect())
    }

    /// The values that one parameter is tried with.
    fn values(&self, function: &str, parameter: &Parameter) -> Result<Vec<Value>> {
        let Parameter { name, kind, row_of } = parameter;
        if let Some(table) = row_of {
            return Ok(vec![self.row(table)?.clone()]);
        }
        Ok(match (kind.as_str(), name.as_str()) {
            // The end of the page before, or of what was shown.
            ("uuid", "p_after" | "p_before_id" | "p_up_to") => vec![Value::Null, json!(Uuid::nil())],
            ("uuid", _) if let Some((_, table)) = IDS.iter().find(|(id, _)| id == name) => {
                vec![self.value(table, "id")?, Value::Null]
            }
            ("uuid", "p_device") => vec![json!(Uuid::nil())],
            ("uuid[]", "p_mutations") => vec![json!([self.mutation])],
            ("boolean", _) => vec![json!(false)],
            ("integer", "p_limit") => vec![json!(100)],
            ("integer", "p_version" | "p_tolerance_days") | ("text", "p_cursor" | "p_kind" | "p_type") => {
                vec![Value::Null]
            }
            ("date", "p_from") => vec![json!("2000-01-01")],
            ("date", "p_until") => vec![json!("2100-01-01")],
            ("timestamp with time zone", "p_at" | "p_before") => {
                vec![json!("2100-01-01T00:00:00Z"), Value::Null]
            }
            ("timestamp with time zone[]", "p_times") => vec![json!(["2027-01-31T23:59:59Z"])],
            ("text", "p_time_zone") => vec![json!("Europe/Berlin"), Value::Null],
            ("text", "q" | "p_q") => vec![json!("belt"), json!("machine"), self.value("vendors", "name")?],
            ("text", "p_by") => ["warehouse", "model", "machine", "technician"].map(Value::from).to_vec(),
            ("text", "p_resource") => vec![json!("equipment"), json!("parts")],
            ("text", "p_decision") => vec![json!("keep"), json!("take")],
            ("text", "p_notes" | "p_note") => vec![json!("Taken over")],
            ("text", "p_hash") => vec![json!("a".repeat(64))],
            ("text[]", "p_lacks") => vec![json!([])],
            ("jsonb", _) => self.documents(function, name)?,
            _ => bail!(
                "{function} has a parameter {name} of type {kind}, and this test does not know what to fill it with: say in \
                 `arguments.rs` which value of another warehouse, or which harmless one, it can take"
            ),
        })
    }

    fn documents(&self, function: &str, name: &str) -> Result<Vec<Value>> {
        let warehouse = self.value("warehouses", "id")?;
        Ok(match (function, name) {
            ("checklist_issue", "p_follow_up") => {
                vec![json!({}), json!({"id": self.value("work_orders", "id")?, "title": "Taken over"})]
            }
            ("find_equipment" | "find_parts" | "find_profiles" | "find_work_orders", "first") => {
                let there = json!([{"column": "warehouse_id", "op": "in", "values": [warehouse]}]);
                vec![json!({}), json!({"filters": there, "sort": "id", "descending": true, "limit": 50})]
            }
            ("import", "p_rows") => {
                let machine =
                    json!({"asset_tag": self.value("equipment", "asset_tag")?, "name": "Taken over"});
                let part = json!({"part_number": self.value("parts", "part_number")?, "name": "Taken over"});
                let there = |row: Value| with(row, &json!({"warehouse_id": warehouse}));
                let rows = [machine.clone(), part.clone(), there(machine), there(part)];
                rows.map(|row| json!([{"line": 2, "row": row}])).to_vec()
            }
            ("open_api_token", "p_token") => {
                vec![json!({"name": "Taken over", "role": "admin", "warehouse_id": warehouse})]
            }
            ("sync_look", "p_rows") => {
                let row = |table: &&str| {
                    let id = self.value(table, "id")?;
                    Ok(
                        json!({"entity": table, "id": id, "fields": ["title", "notes", "state"], "bases": [0, 1]}),
                    )
                };
                let tables = ["work_orders", "checklist_items", "time_logs", "equipment"];
                vec![tables.iter().map(row).collect::<Result<_>>()?]
            }
            ("work_order_move", "p_changes") => vec![
                json!({"status": "cancelled"}),
                json!({"status": "in_progress"}),
                json!({"acknowledge": 5}),
                json!({"note": "Taken over"}),
            ],
            _ => bail!(
                "{function} has a parameter {name} of JSON, and this test does not know what to fill it with: say in \
                 `arguments.rs` how it would name rows of another warehouse"
            ),
        })
    }
}
