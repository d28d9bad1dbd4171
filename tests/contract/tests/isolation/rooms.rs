//! Two warehouses that are alike, with everyone and everything that a policy judges.

#![allow(clippy::indexing_slicing, reason = "indexing a JSON value never panics: what is missing is null")]

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, Person, ROLES, World};
use serde_json::json;
use uuid::Uuid;

/// One warehouse.
pub(crate) struct Room {
    pub(crate) id: Uuid,
    pub(crate) machine: Uuid,
    pub(crate) people: Vec<Person>,
    pub(crate) orders: Vec<Order>,
}

/// A work order, with what decides who sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) id: Uuid,
    pub(crate) warehouse: Uuid,
    pub(crate) requested_by: Option<Uuid>,
    pub(crate) assigned_to: Option<Uuid>,
}

/// Both, and the database.
pub(crate) struct Rooms {
    pub(crate) world: World,
    pub(crate) here: Room,
    pub(crate) there: Room,
}

impl Rooms {
    pub(crate) fn open() -> Result<Self> {
        Self::on(World::open()?)
    }

    /// In this world.
    pub(crate) fn on(mut world: World) -> Result<Self> {
        let (here, there) = (Room::open(&mut world)?, Room::open(&mut world)?);
        Ok(Self { world, here, there })
    }

    /// Everyone of here, each with a token.
    pub(crate) fn callers(&self) -> Result<Vec<(&Person, Caller)>> {
        self.here.people.iter().map(|person| Ok((person, self.world.caller(&person.email)?))).collect()
    }

    /// The one with this role here.
    pub(crate) fn caller(&self, role: &str) -> Result<Caller> {
        self.world.caller(&self.here.person(role)?.email)
    }
}

impl Order {
    /// True for those who see it, by a rule in other words than the policy's. `home` is the warehouse of whoever asks.
    pub(crate) fn is_seen_by(&self, role: &str, id: Uuid, home: Option<Uuid>) -> bool {
        let at_home = home == Some(self.warehouse);
        match role {
            "manager" | "admin" => true,
            "technician" | "supervisor" | "inventory_clerk" => at_home,
            "contractor" => at_home && self.assigned_to == Some(id),
            "requester" => at_home && self.requested_by == Some(id),
            _ => false,
        }
    }
}

impl Room {
    fn open(world: &mut World) -> Result<Self> {
        let id = world.warehouse("UTC")?;
        let machine = world.machine(id)?;
        let people = ROLES.iter().map(|role| world.person(role, id)).collect::<Result<Vec<_>>>()?;
        let mut room = Self { id, machine, people, orders: Vec::new() };
        for (requester, assignee) in [
            ("requester", None),
            ("requester", Some("technician")),
            ("supervisor", Some("contractor")),
            ("manager", None),
        ] {
            let requested_by = Some(room.person(requester)?.id);
            let assigned_to = assignee.map(|role| room.person(role).map(|person| person.id)).transpose()?;
            let row = json!({"requested_by": requested_by, "assigned_to": assigned_to});
            let order = world.work_order(id, &row)?;
            room.orders.push(Order { id: order, warehouse: id, requested_by, assigned_to });
        }
        Ok(room)
    }

    pub(crate) fn person(&self, role: &str) -> Result<&Person> {
        self.people.iter().find(|person| person.role == role).with_context(|| format!("no {role}"))
    }
}

/// Uploads a file to a work order that the caller sees.
pub(crate) fn upload(caller: &Caller, order: &Order) -> Result<Uuid> {
    let file = json!({"work_order_id": order.id, "file_name": "a.png", "content_type": "image/png", "size_bytes": 1});
    let answer = caller.insert("attachments?select=id", &file)?;
    let id = answer.body[0]["id"].as_str().with_context(|| format!("no upload: {answer:?}"))?;
    Ok(id.parse()?)
}
