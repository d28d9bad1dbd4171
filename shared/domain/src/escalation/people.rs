//! The people whom work is given to that nobody began.

use serde::Deserialize;

use super::order::WorkOrder;
use crate::id::{ProfileId, WarehouseId};

/// An active technician, as the gateway tells them.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: ProfileId,
    /// Their warehouse.
    pub warehouse_id: WarehouseId,
    /// Their name.
    pub full_name: String,
    /// The number of work orders they have that have not ended.
    pub open_work_orders: u32,
    /// From how many on they are given no more (`escalation_max_open_work_orders`).
    pub most: u32,
}

/// Those whom work can be given to. What is given counts at once.
#[derive(Debug, Clone, Default)]
pub struct People(Vec<Person>);

impl People {
    /// These.
    #[must_use]
    pub fn new(people: Vec<Person>) -> Self {
        Self(people)
    }

    /// Takes the one who has least to do there and is not overloaded; between equals the one who has been here longest.
    ///
    /// # Errors
    /// The reason for giving it to nobody, in words.
    pub(super) fn take(&mut self, order: &WorkOrder) -> Result<(ProfileId, String), String> {
        let here = || self.0.iter().filter(|person| person.warehouse_id == order.warehouse_id);
        let (all, most) = (here().count(), here().map(|person| person.most).max());
        let chosen = self
            .0
            .iter_mut()
            .filter(|person| {
                person.warehouse_id == order.warehouse_id
                    && order.assigned_to != Some(person.id)
                    && person.open_work_orders < person.most
            })
            .min_by_key(|person| (person.open_work_orders, person.id.0));
        let Some(chosen) = chosen else {
            return Err(match most {
                None => "nobody to give it to: no technician is active in this warehouse".to_owned(),
                Some(most) => format!(
                    "nobody to give it to: each of the {all} technicians here has it already, or has {most} open work \
                     orders or more"
                ),
            });
        };
        chosen.open_work_orders += 1;
        Ok((chosen.id, format!("given to {}", chosen.full_name)))
    }
}
