//! Functions with their owner's rights that people reach, if only by way of another function: row level security does not
//! judge there, so each says what it believes of what it is told. Triggers are none of them: nobody calls a trigger.

use crate::functions::catalog::definers;
use anyhow::Result;
use millwright_contract_tests::World;
use std::collections::BTreeSet;

/// A function, and what it believes. `the caller` is who the token names, as long as their profile is active.
const BELIEVES: [(&str, &str); 45] = [
    // About the caller, of whom they believe nothing.
    ("private.is_one_of", "nothing: a warehouse and roles are compared with the caller's"),
    ("private.me", "nothing"),
    ("private.my_latest_crews", "nothing"),
    ("private.leads", "nothing: a work order's warehouse is compared with the caller's"),
    ("private.my_crews", "nothing"),
    ("private.my_documents", "nothing"),
    ("private.my_machines", "nothing"),
    ("private.my_role", "nothing"),
    ("private.my_vendor", "nothing"),
    ("private.my_warehouse", "nothing"),
    ("private.my_work", "nothing"),
    ("private.sees_every_warehouse", "nothing"),
    ("private.settle_review", "a decision, on a review of a warehouse that the caller leads"),
    ("private.works_on", "nothing: a work order's people and warehouse are compared with the caller"),
    // Called by clients.
    (
        "public.checklist_issue",
        "nothing: the item is one that the caller works on, the follow-up is made of its work order",
    ),
    ("public.escalation_dry_run", "nothing: the warehouse of those who lead is their own"),
    ("public.history_verify", "nothing: administrators alone are answered"),
    ("public.invite", "nothing: administrators alone are answered, and never with the link"),
    ("public.qr_code_base_url", "the warehouse in a row that may be forged, if it is the caller's"),
    ("public.renew_label", "nothing: the machine is one that the caller leads"),
    ("public.reorder", "nothing: the warehouse is one whose stock the caller keeps"),
    // Told by functions that run with the caller's rights.
    (
        "private.equipment_with",
        "words, and which page: ids of the caller's warehouse, of which row level security leaves what they see",
    ),
    ("private.document_size", "changes_since, which asks where its page ends, and tells no size"),
    ("private.had_a_hand", "nothing: it tells whether the caller has worked on it"),
    ("private.is_too_old", "a cursor: it tells yes or no"),
    ("private.keep_answer", "an answer to the caller's own key, which has none yet"),
    ("private.keep_token_hash", "a hash, for the token that the caller has made in this transaction"),
    ("private.known_mutations", "nothing: of the mutations, the caller's own are told"),
    ("private.lock_below", "work_order_move and lock_rows, which name what the caller sees"),
    ("private.parts_with", "words, as equipment_with"),
    ("private.profiles_with", "words, as equipment_with"),
    ("private.report_cancellations", "reports, which join it with work orders that the caller sees"),
    ("private.report_pauses", "reports, which join it with work orders that the caller sees"),
    ("private.report_time", "reports, which join it with work orders that the caller sees"),
    ("private.report_given", "reports, which join it with work orders that the caller sees"),
    (
        "private.report_past",
        "reports, which join it with machines that the caller sees, and with report_people",
    ),
    (
        "private.report_people",
        "reports: who does the work, which they join with time that the caller sees, or with the caller's warehouse",
    ),
    ("private.report_status", "reports, which join it with machines that the caller sees"),
    (
        "private.standing_of",
        "public.standing, which is asked about a row that is seen, and names the caller: of others it tells nothing",
    ),
    ("private.take_key", "the headers of the request: a key of the caller's own"),
    ("private.take_turn", "the name of a table: a lock is taken, and nothing told"),
    ("private.work_orders_with", "words, as equipment_with"),
    ("private.written_on", "sync_look, which asks about rows that it has just read as the caller"),
    // Told by the request API alone.
    ("private.lock_rows", "the request API: rows that the person it speaks for sees"),
    (
        "private.take_mutation",
        "the request API: a decision, within what can be read again and was made by now",
    ),
];

#[test]
fn every_function_with_its_owners_rights_says_what_it_believes() -> Result<()> {
    let found: BTreeSet<_> = definers(&mut World::open()?)?.into_iter().collect();
    let said = BELIEVES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, said, "left: the catalog; right: what is believed, in this test");
    assert!(BELIEVES.iter().all(|(_, what)| !what.is_empty()));
    Ok(())
}
