//! The basis of decisions: the rules, and the opening hours of each warehouse.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::order::WorkOrder;
use super::{Clock, CountedHours, Rule};
use crate::id::WarehouseId;
use crate::opening::Hours;
use crate::working_time::Calendar;

/// A warehouse's time, as the gateway tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct WarehouseHours {
    /// Its id.
    pub warehouse_id: WarehouseId,
    /// Its IANA time zone.
    pub time_zone: String,
    /// Its opening hours in a week; never closed without any.
    pub operating_hours: Vec<Hours>,
    /// The local days on which it is closed.
    pub holidays: Vec<NaiveDate>,
}

/// The rules, and the opening hours of each warehouse.
#[derive(Debug, Clone, Default)]
pub struct Rulebook {
    rules: Vec<Rule>,
    calendars: BTreeMap<WarehouseId, Calendar>,
}

impl Rulebook {
    /// Reads it. A row that cannot be read is left out and told of, as subject and reason: one bad rule does not hold up the
    /// others, and a warehouse whose hours cannot be read counts all time.
    #[must_use]
    pub fn read(rules: Vec<Value>, warehouses: Vec<Value>) -> (Self, Vec<(String, String)>) {
        let mut book = Self::default();
        let mut problems = Vec::new();
        for rule in rules {
            let subject =
                format!("escalation rule {}", rule.get("id").and_then(Value::as_str).unwrap_or("?"));
            match Rule::deserialize(rule) {
                Ok(rule) if rule.steps.is_empty() => problems.push((subject, "has no steps".to_owned())),
                Ok(rule) => book.rules.push(rule),
                Err(error) => problems.push((subject, error.to_string())),
            }
        }
        for warehouse in warehouses {
            let id = warehouse.get("warehouse_id").and_then(Value::as_str).unwrap_or("?").to_owned();
            let read = WarehouseHours::deserialize(warehouse).map_err(|error| error.to_string()).and_then(
                |warehouse| {
                    let calendar =
                        Calendar::new(&warehouse.time_zone, warehouse.operating_hours, warehouse.holidays);
                    Ok((warehouse.warehouse_id, calendar.ok_or("its time zone is not known here")?))
                },
            );
            match read {
                Ok((id, calendar)) => drop(book.calendars.insert(id, calendar)),
                Err(reason) => problems.push((format!("warehouse {id}"), reason)),
            }
        }
        (book, problems)
    }

    /// The matching rule that names most; between equals the warehouse counts more than the type, and that more than the
    /// priority.
    pub(super) fn most_specific(&self, order: &WorkOrder, clock: Clock) -> Option<&Rule> {
        self.rules
            .iter()
            .filter(|rule| {
                rule.clock == clock
                    && rule.warehouse_id.is_none_or(|id| id == order.warehouse_id)
                    && rule.wo_type.is_none_or(|r#type| r#type == order.r#type)
                    && rule.priority.is_none_or(|priority| priority == order.priority)
            })
            .max_by_key(|rule| {
                let named = [rule.warehouse_id.is_some(), rule.wo_type.is_some(), rule.priority.is_some()];
                (named.iter().filter(|named| **named).count(), named)
            })
    }

    /// The calendar by which a rule counts time in a warehouse; `None` where all time counts.
    pub(super) fn calendar(&self, rule: &Rule, warehouse: WarehouseId) -> Option<&Calendar> {
        (rule.hours == CountedHours::Business).then(|| self.calendars.get(&warehouse)).flatten()
    }
}
