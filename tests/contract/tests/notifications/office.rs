//! A warehouse with events to notify of.

use anyhow::Result;
use millwright_contract_tests::{Caller, Person, World};
use millwright_domain::id::EventId;
use millwright_domain::notification::WaitingEvent;
use millwright_store::notifications::{Told, waiting};
use serde_json::{Value, json};
use uuid::Uuid;

/// More than there ever are here.
pub(crate) const ALL: usize = 10_000;

/// A warehouse with people, an order for its technician, a request for its supervisors, and the function that tells.
pub(crate) struct Office {
    pub(crate) world: World,
    pub(crate) sender: Caller,
    pub(crate) technician: Person,
    pub(crate) supervisors: [Person; 2],
    pub(crate) warehouse: Uuid,
}

impl Office {
    pub(crate) fn open() -> Result<Self> {
        Self::in_world(World::open()?)
    }

    pub(crate) fn in_world(mut world: World) -> Result<Self> {
        let warehouse = world.warehouse("UTC")?;
        let technician = world.person("technician", warehouse)?;
        let supervisors = [world.person("supervisor", warehouse)?, world.person("supervisor", warehouse)?];
        let elsewhere = world.warehouse("UTC")?;
        world.person("supervisor", elsewhere)?;
        world.work_order(warehouse, &json!({"assigned_to": technician.id}))?;
        world.work_order(warehouse, &json!({}))?;
        let sender = world.caller("function:notification-sender")?;
        Ok(Self { world, sender, technician, supervisors, warehouse })
    }

    /// The events of this warehouse among all that wait.
    pub(crate) fn waiting(&mut self) -> Result<Vec<WaitingEvent>> {
        let mine = self.world.value(
            "select coalesce(jsonb_agg(id), '[]') from public.events where warehouse_id = $1",
            &[&self.warehouse],
        )?;
        let mine: Vec<EventId> = serde_json::from_value(mine)?;
        let all = self.sender.ask(async |session| waiting(&session, ALL).await)?;
        Ok(all.read.into_iter().filter(|event| mine.contains(&event.id)).collect())
    }

    /// Notifications and deliveries of this warehouse's people: `[who, type, channel]` each.
    pub(crate) fn told(&mut self) -> Result<Value> {
        self.world.value(
            "select coalesce(jsonb_agg(jsonb_build_array(p.id, n.type, d.channel) order by n.type, p.id), '[]')
             from public.notifications n join public.profiles p on p.id = n.recipient_id
             left join public.deliveries d on d.notification_id = n.id
             where p.warehouse_id = $1",
            &[&self.warehouse],
        )
    }
}

pub(crate) fn decided(events: &[WaitingEvent]) -> Vec<Told> {
    events.iter().map(Told::of).collect()
}
