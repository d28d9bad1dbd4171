//! What schedules need to be planned: the rules of their templates, and their warehouses.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{DueSchedule, Rules, ScheduleError, Template, Warehouse};
use crate::id::{TemplateId, WarehouseId};
use crate::rows::{Rows, Unreadable};

/// Rules and warehouses by their ids. The rule of a template is read once for all its schedules.
#[derive(Debug)]
pub struct Lookup {
    rules: Known<TemplateId, Rules>,
    warehouses: Known<WarehouseId, Warehouse>,
}

type Known<I, T> = HashMap<I, Result<T, ScheduleError>>;

impl Lookup {
    /// Of these. What cannot be read or used is a problem of the schedules that need it.
    #[must_use]
    pub fn of(templates: Rows<Template>, warehouses: Rows<Warehouse>) -> Self {
        let rules_of = |template: Template| Ok(Rules::of(template.timing)?.with_items(template.items));
        let rules = templates.read.into_iter().map(|template| (template.id, rules_of(template)));
        let places = warehouses.read.into_iter().map(|warehouse| (warehouse.id, Ok(warehouse)));
        Self {
            rules: rules.chain(unread(&templates.unreadable, ScheduleError::UnreadableTemplate)).collect(),
            warehouses: places
                .chain(unread(&warehouses.unreadable, ScheduleError::UnreadableWarehouse))
                .collect(),
        }
    }

    /// The rules and the warehouse of a schedule.
    ///
    /// # Errors
    /// If one of them is missing, or cannot be read or used.
    pub fn needs(&self, schedule: &DueSchedule) -> Result<(&Rules, &Warehouse), ScheduleError> {
        let rules = known(&self.rules, &schedule.template_id)?;
        Ok((rules, known(&self.warehouses, &schedule.warehouse_id)?))
    }
}

fn unread<I: DeserializeOwned, T>(
    rows: &[Unreadable],
    error: impl Fn(String) -> ScheduleError,
) -> impl Iterator<Item = (I, Result<T, ScheduleError>)> {
    #[derive(Deserialize)]
    struct Named<I> {
        id: I,
    }
    rows.iter().filter_map(move |row| Some((row.part::<Named<I>>()?.id, Err(error(row.told())))))
}

fn known<'k, I: Eq + Hash, T>(all: &'k Known<I, T>, id: &I) -> Result<&'k T, ScheduleError> {
    all.get(id).ok_or(ScheduleError::Incomplete)?.as_ref().map_err(ScheduleError::clone)
}
