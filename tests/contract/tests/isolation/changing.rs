//! A work order that is opened once more stays as it is; only its owner removes an upload, and only while it waits.

use crate::rooms::{Rooms, upload};
use anyhow::{Context, Result};
use millwright_contract_tests::Caller;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

#[test]
fn opening_a_work_order_that_exists_does_not_change_it() -> Result<()> {
    let mut rooms = Rooms::open()?;
    let order = rooms.here.orders[0].id;
    let row = json!({"id": order, "type": "emergency", "title": "Mine now", "warehouse_id": rooms.here.id});
    let query = "select to_jsonb(w) from public.work_orders w where id = $1";
    let before = rooms.world.value(query, &[&order])?;
    for (_, caller) in rooms.callers()? {
        for resolution in ["resolution=merge-duplicates", "resolution=ignore-duplicates"] {
            caller.send(Method::POST, "public", "work_orders", Some(&row), &[("prefer", resolution)])?;
        }
        caller.send(Method::PUT, "public", &format!("work_orders?id=eq.{order}"), Some(&row), &[])?;
    }
    assert_eq!(rooms.world.value(query, &[&order])?, before);
    Ok(())
}

/// The uploads of a technician here, one of each state, and one of a colleague.
struct Uploads {
    rooms: Rooms,
    technician: Caller,
    waiting: Uuid,
    begun: Uuid,
    done: Uuid,
    of_a_colleague: Uuid,
}

impl Uploads {
    fn open() -> Result<Self> {
        let mut rooms = Rooms::open()?;
        let (technician, supervisor) = (rooms.caller("technician")?, rooms.caller("supervisor")?);
        let order = rooms.here.orders.first().copied().context("no work order")?;
        let [waiting, begun, done] =
            [upload(&technician, &order)?, upload(&technician, &order)?, upload(&technician, &order)?];
        let of_a_colleague = upload(&supervisor, &order)?;
        rooms.world.change("update public.attachments set state = 'processing' where id = $1", &[&begun])?;
        rooms.world.change(
            "update public.attachments set state = 'ready', sha256 = repeat('a', 64) where id = $1",
            &[&done],
        )?;
        Ok(Self { rooms, technician, waiting, begun, done, of_a_colleague })
    }

    /// Those of them that are still there.
    fn left(&mut self) -> Result<Vec<Uuid>> {
        let all = [self.waiting, self.begun, self.done, self.of_a_colleague];
        let query = "select id from public.attachments where id = any ($1) order by array_position($1, id)";
        let rows = self.rooms.world.sql.query(query, &[&all.as_slice()])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

#[test]
fn without_a_filter_only_ones_own_waiting_uploads_go() -> Result<()> {
    let mut uploads = Uploads::open()?;
    // All that the policy lets them: there is no filter in the way.
    let answer = uploads.technician.send(Method::DELETE, "public", "attachments", None, &[])?;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(uploads.left()?, [uploads.begun, uploads.done, uploads.of_a_colleague]);
    Ok(())
}

#[test]
fn whoever_left_takes_nothing_back() -> Result<()> {
    let mut uploads = Uploads::open()?;
    let all = uploads.left()?;
    let technician = uploads.rooms.here.person("technician")?.id;
    uploads.rooms.world.change("update public.profiles set active = false where id = $1", &[&technician])?;
    for path in ["attachments".to_owned(), format!("attachments?id=eq.{}", uploads.waiting)] {
        uploads.technician.send(Method::DELETE, "public", &path, None, &[])?;
        assert_eq!(uploads.left()?, all, "DELETE /{path}");
    }
    Ok(())
}
