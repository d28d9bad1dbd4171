//! The basis of decisions: the rules, and the opening hours of each warehouse.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::order::WorkOrder;
use super::{Clock, CountedHours, Rule};
use crate::id::WarehouseId;
use crate::opening::Hours;
use crate::rows::{Rows, Unreadable};
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
    pub fn read(rules: Rows<Rule>, warehouses: Rows<WarehouseHours>) -> (Self, Vec<(String, String)>) {
        let mut book = Self::default();
        let bad_rule = |row: &Unreadable| (format!("escalation rule {}", row.word("id")), row.told());
        let bad_warehouse =
            |row: &Unreadable| (format!("warehouse {}", row.word("warehouse_id")), row.told());
        let mut problems: Vec<_> = rules.unreadable.iter().map(bad_rule).collect();
        problems.extend(warehouses.unreadable.iter().map(bad_warehouse));
        for rule in rules.read {
            if rule.steps.is_empty() {
                problems.push((format!("escalation rule {}", rule.id), "has no steps".to_owned()));
            } else {
                book.rules.push(rule);
            }
        }
        for WarehouseHours { warehouse_id: id, time_zone, operating_hours, holidays } in warehouses.read {
            match Calendar::new(&time_zone, operating_hours, holidays) {
                Some(calendar) => drop(book.calendars.insert(id, calendar)),
                None => {
                    problems.push((format!("warehouse {id}"), "its time zone is not known here".to_owned()));
                }
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
