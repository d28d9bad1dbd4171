//! A file from its registration to its end, with attempts that crash and attempts that come late.

use anyhow::{Context, Result};
use millwright_contract_tests::{Caller, Person, World, at_once};
use millwright_domain::attachment::AttachmentState;
use millwright_domain::id::{AttachmentId, WorkOrderId};
use millwright_store::StoreError;
use millwright_store::attachments::{
    Attachment, ClaimedUpload, NewAttachment, Processed, claim, fail, finish, get, register, state, withdraw,
};
use serde_json::json;
use uuid::Uuid;

/// Seconds; no test takes as long.
const LEASE: u32 = 600;

/// A world with a technician, a work order they see, and the function that processes files.
struct Workshop {
    world: World,
    warehouse: Uuid,
    technician: Person,
    caller: Caller,
    processor: Caller,
    work_order: Uuid,
}

impl Workshop {
    fn open() -> Result<Self> {
        let mut world = World::open()?;
        let warehouse = world.warehouse("UTC")?;
        let technician = world.person("technician", warehouse)?;
        let work_order = world.work_order(warehouse, &json!({}))?;
        let caller = world.caller(&technician.email)?;
        let processor = world.caller("function:file-processor")?;
        Ok(Self { world, warehouse, technician, caller, processor, work_order })
    }

    fn register(&self) -> Result<Attachment> {
        Ok(register_as(&self.caller, self.work_order)?)
    }

    fn claim(&self, file: &Attachment) -> Result<Option<ClaimedUpload>> {
        Ok(self.processor.ask(async |session| claim(&session, &file.key_prefix(), LEASE).await)?)
    }

    fn finish(&self, claimed: &ClaimedUpload, result: &Processed) -> Result<bool> {
        Ok(self.processor.ask(async |session| finish(&session, claimed, result).await)?)
    }

    fn state(&self, file: &Attachment) -> Result<Option<AttachmentState>> {
        Ok(self.processor.ask(async |session| state(&session, &file.key_prefix()).await)?)
    }

    fn fail(&self, file: &Attachment) -> Result<bool> {
        Ok(self.processor.ask(async |session| fail(&session, &file.key_prefix(), "it crashes").await)?)
    }

    fn seen(&self, file: &Attachment) -> Result<Option<Attachment>> {
        Ok(self.caller.ask(async |session| get(&session, file.id).await)?)
    }

    /// As when whoever holds it has crashed some time ago.
    fn lease_runs_out(&mut self, file: &Attachment) -> Result<()> {
        self.world.change(
            "update private.attachment_leases set lease_until = now() - interval '1 second' where attachment_id = $1",
            &[&file.id.0],
        )
    }
}

fn register_as(caller: &Caller, work_order: Uuid) -> Result<Attachment, StoreError> {
    let new = NewAttachment {
        id: AttachmentId(Uuid::now_v7()),
        work_order_id: WorkOrderId(work_order),
        file_name: "belt.jpg".to_owned(),
        content_type: "image/jpeg",
        size_bytes: 1234,
    };
    caller.ask(async |session| register(&session, &new).await)
}

fn ready() -> Processed {
    Processed::Ready {
        sha256: "ab".repeat(32),
        width: 4000,
        height: 3000,
        has_renditions: true,
        reason: None,
    }
}

#[test]
fn warehouse_and_uploader_are_not_for_the_client_to_say() -> Result<()> {
    let mut shop = Workshop::open()?;
    let file = shop.register()?;
    let row =
        shop.world.value("select to_jsonb(a) || jsonb_build_object('key_prefix', private.key_prefix(a)) from public.attachments a where id = $1", &[&file.id.0])?;
    assert_eq!(row["warehouse_id"], json!(shop.warehouse));
    assert_eq!(row["uploaded_by"], json!(shop.technician.id));
    assert_eq!(file.state, AttachmentState::Uploaded);
    assert_eq!(row["key_prefix"], json!(file.key_prefix()));
    let told = shop.caller.insert(
        "attachments",
        &json!({"work_order_id": shop.work_order, "file_name": "a", "content_type": "image/png", "size_bytes": 1,
            "uploaded_by": shop.technician.id}),
    )?;
    assert_eq!((told.status, told.code()), (403, "42501"), "{told:?}");
    Ok(())
}

#[test]
fn a_file_goes_only_with_a_work_order_that_one_sees() -> Result<()> {
    let mut shop = Workshop::open()?;
    let elsewhere = shop.world.warehouse("UTC")?;
    let hidden = shop.world.work_order(elsewhere, &json!({}))?;
    for work_order in [hidden, Uuid::now_v7()] {
        let refused = register_as(&shop.caller, work_order).err().context("it was registered")?;
        assert_eq!(refused.code(), "23503", "{refused:?}");
    }
    let clerk = shop.world.person("inventory_clerk", shop.warehouse)?;
    let refused =
        register_as(&shop.world.caller(&clerk.email)?, shop.work_order).err().context("registered")?;
    assert_eq!(refused.code(), "42501", "{refused:?}");
    Ok(())
}

#[test]
fn a_file_is_processed_once() -> Result<()> {
    let shop = Workshop::open()?;
    let file = shop.register()?;
    let claimed = shop.claim(&file)?.context("nothing to claim")?;
    assert_eq!((claimed.id, claimed.attempt), (file.id, 1));
    assert_eq!((claimed.content_type.as_str(), claimed.size_bytes), ("image/jpeg", 1234));
    assert_eq!(shop.claim(&file)?, None, "someone holds it");
    assert_eq!(shop.state(&file)?, Some(AttachmentState::Processing));
    assert!(shop.finish(&claimed, &ready())?);
    assert!(!shop.finish(&claimed, &ready())?, "it was finished");
    assert_eq!(shop.claim(&file)?, None, "it is done with");
    assert!(!shop.fail(&file)?, "it is done with");
    let seen = shop.seen(&file)?.context("it is gone")?;
    assert_eq!(
        (seen.state, seen.width, seen.height, seen.has_renditions),
        (AttachmentState::Ready, Some(4000), Some(3000), true)
    );
    Ok(())
}

#[test]
fn one_of_eight_gets_a_file() -> Result<()> {
    let shop = Workshop::open()?;
    let file = shop.register()?;
    let processors = shop.world.eight("function:file-processor")?;
    let claims = at_once(processors, |processor| {
        Ok(processor.ask(async |session| claim(&session, &file.key_prefix(), LEASE).await)?)
    })?;
    assert_eq!(claims.iter().flatten().count(), 1, "{claims:?}");
    Ok(())
}

#[test]
fn after_a_crash_the_next_attempt_takes_over_and_the_late_one_is_fenced() -> Result<()> {
    let mut shop = Workshop::open()?;
    let file = shop.register()?;
    let first = shop.claim(&file)?.context("nothing to claim")?;
    shop.lease_runs_out(&file)?;
    let second = shop.claim(&file)?.context("nothing to claim again")?;
    assert_eq!(second.attempt, 2);
    assert!(!shop.finish(&first, &Processed::Quarantined { reason: "late".to_owned() })?);
    assert_eq!(shop.state(&file)?, Some(AttachmentState::Processing));
    assert!(shop.finish(&second, &ready())?);
    assert_eq!(shop.state(&file)?, Some(AttachmentState::Ready));
    Ok(())
}

#[test]
fn a_file_that_is_not_what_it_says_is_quarantined_with_a_reason() -> Result<()> {
    let shop = Workshop::open()?;
    let file = shop.register()?;
    let claimed = shop.claim(&file)?.context("nothing to claim")?;
    assert!(shop.finish(&claimed, &Processed::Quarantined { reason: "it is a script".to_owned() })?);
    let seen = shop.seen(&file)?.context("it is gone")?;
    assert_eq!((seen.state, seen.reason.as_deref()), (AttachmentState::Quarantined, Some("it is a script")));
    Ok(())
}

#[test]
fn giving_up_is_final_whether_it_had_begun_or_not() -> Result<()> {
    let shop = Workshop::open()?;
    for begun in [false, true] {
        let file = shop.register()?;
        let claimed = if begun { shop.claim(&file)? } else { None };
        assert!(shop.fail(&file)?);
        assert!(!shop.fail(&file)?, "it was given up");
        if let Some(claimed) = claimed {
            assert!(!shop.finish(&claimed, &ready())?, "it was given up");
        }
        assert_eq!(shop.claim(&file)?, None);
        let seen = shop.seen(&file)?.context("it is gone")?;
        assert_eq!((seen.state, seen.reason.as_deref()), (AttachmentState::Failed, Some("it crashes")));
    }
    Ok(())
}

#[test]
fn a_registration_is_taken_back_only_by_its_owner_and_only_before_anything_was_done() -> Result<()> {
    let mut shop = Workshop::open()?;
    let colleague = shop.world.person("technician", shop.warehouse)?;
    let colleague = shop.world.caller(&colleague.email)?;
    let file = shop.register()?;
    colleague.ask(async |session| withdraw(&session, file.id).await)?;
    assert_eq!(shop.state(&file)?, Some(AttachmentState::Uploaded), "it is not the colleague's");
    shop.caller.ask(async |session| withdraw(&session, file.id).await)?;
    assert_eq!(shop.state(&file)?, None);
    assert!(shop.seen(&file)?.is_none());
    assert_eq!(shop.claim(&file)?, None, "the event of a file that was taken back finds nothing");

    let begun = shop.register()?;
    shop.claim(&begun)?;
    shop.caller.ask(async |session| withdraw(&session, begun.id).await)?;
    assert_eq!(shop.state(&begun)?, Some(AttachmentState::Processing));
    Ok(())
}
