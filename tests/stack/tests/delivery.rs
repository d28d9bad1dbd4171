//! The delivery of a message while the mail provider is down.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_harness::client::fire;
use millwright_stack_tests::{Api, Site, eventually, mail};
use serde_json::json;

#[test]
fn a_message_that_did_not_get_through_is_sent_again_and_arrives_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let address = site.email("technician");
    let delivery = |what: &str| {
        api.ask(&format!(
            "select d.{what} from public.deliveries d join public.notifications n on n.id = d.notification_id
             join public.profiles p on p.id = n.recipient_id where p.email = '{address}'
             union all select null limit 1"
        ))
    };
    mail::refuse_next(&api, &address, 1, 503);
    let order = json!({"type": "emergency", "title": "x", "assigned_to": site.person(&api, "technician")});
    api.post(&site.token(&api, "supervisor"), "/api/v1/work-orders", &order).expect(201);
    eventually("the failed attempt", || (delivery("last_error").contains("503")).then_some(()));
    assert_eq!((delivery("state"), delivery("attempt")), ("ready".to_owned(), "1".to_owned()));
    assert!(mail::to(&api, &address).is_empty());

    eventually("the second attempt", || {
        fire(&api.stack, "notification-sender", None, None).unwrap();
        (delivery("state") == "delivered").then_some(())
    });
    assert_eq!((delivery("attempt"), mail::to(&api, &address).len()), ("2".to_owned(), 1));
}

#[test]
fn whoever_asks_for_very_much_fills_no_mailbox_and_what_is_critical_is_told_at_once() {
    let api = Api::open();
    let site = Site::build(&api);
    let (requester, supervisor) = (site.token(&api, "requester"), site.token(&api, "supervisor"));
    let address = site.email("supervisor");
    let told = || {
        let inbox = api.get(&supervisor, "/api/v1/notifications?limit=50").expect(200);
        (inbox.as_array().unwrap().len(), mail::to(&api, &address).len())
    };
    let ask_for = |priority: &str| {
        let order = json!({"type": "corrective", "title": "The light flickers", "priority": priority});
        api.post(&requester, "/api/v1/work-orders", &order).expect(201);
    };
    (0..12).for_each(|_| ask_for("low"));
    eventually("all of it in the inbox, ten mails", || {
        fire(&api.stack, "notification-sender", None, None).unwrap();
        (told() == (12, 10)).then_some(())
    });
    ask_for("critical");
    eventually("the critical one", || (told() == (13, 11)).then_some(()));
    let mails = mail::to(&api, &address);
    let say_so =
        mails.iter().filter(|mail| mail["text"].as_str().unwrap().ends_with("are in the inbox alone."));
    assert_eq!(say_so.count(), 1);
}
