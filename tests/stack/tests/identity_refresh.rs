//! Staying signed in: refresh tokens are good for one use, and one that is used later again ends the sign-in.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::collections::{BTreeMap, BTreeSet};

use millwright_stack_tests::{Answer, Api, Site, at_once};
use serde_json::{Value, json};

const PASSWORD: &str = "stays signed in";

fn sign_in(api: &Api) -> (Site, Value) {
    let site = Site::build(api);
    let email = site.give_password(api, "technician", PASSWORD);
    let session = api.sign_in(&email, PASSWORD).expect(200);
    (site, session)
}

fn refresh(api: &Api, session: &Value) -> Answer {
    api.post("", "/api/auth/refresh", &json!({"refresh_token": session["refresh_token"]}))
}

fn log_out(api: &Api, session: &Value) -> Answer {
    api.post("", "/api/auth/logout", &json!({"refresh_token": session["refresh_token"]}))
}

#[test]
fn a_refresh_gives_the_next_session() {
    let api = Api::open();
    let (site, first) = sign_in(&api);
    assert_eq!((&first["expires_in"], &first["refresh_expires_in"]), (&json!(900), &json!(604_800)));
    let mut session = first.clone();
    for _ in 0..3 {
        let next = refresh(&api, &session).expect(200);
        assert_ne!(next["refresh_token"], session["refresh_token"]);
        assert_eq!(next["user"], first["user"]);
        let me = api.get(next["access_token"].as_str().unwrap(), "/api/auth/me").expect(200);
        assert_eq!(me["email"], site.email("technician"));
        session = next;
    }
}

#[test]
fn a_token_that_comes_after_its_successor_was_used_ends_its_family_and_no_other() {
    let api = Api::open();
    let (site, first) = sign_in(&api);
    let other_device = api.sign_in(&site.email("technician"), PASSWORD).expect(200);
    let second = refresh(&api, &first).expect(200);
    let third = refresh(&api, &second).expect(200);
    refresh(&api, &first).problem(401, "unauthenticated");
    refresh(&api, &third).problem(401, "unauthenticated");
    refresh(&api, &other_device).expect(200);
}

#[test]
fn fifty_at_once_get_the_same_next_token_and_keep_it() {
    let api = Api::open();
    let (_site, session) = sign_in(&api);
    let answers = at_once(50, |_, api| refresh(api, &session));
    let mut statuses = BTreeMap::new();
    for answer in &answers {
        *statuses.entry(answer.status).or_insert(0) += 1;
    }
    assert_eq!(statuses, BTreeMap::from([(200, 50)]));
    let next: BTreeSet<_> = answers.iter().map(|answer| answer.json()["refresh_token"].to_string()).collect();
    assert_eq!(next.len(), 1);
    refresh(&api, &answers[0].json()).expect(200);
}

#[test]
fn an_answer_that_was_lost_is_given_again_for_half_a_minute() {
    let api = Api::open();
    let (_site, first) = sign_in(&api);
    let second = refresh(&api, &first).expect(200);
    let used = |seconds: u32| {
        let hash = format!("encode(sha256('{}'), 'hex')", first["refresh_token"].as_str().unwrap());
        api.tell(&format!(
            "update private.refresh_tokens set used_at = now() - interval '{seconds} s' where token_hash = {hash}"
        ));
    };
    used(25);
    let again = refresh(&api, &first).expect(200);
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    assert_eq!(again["user"], second["user"]);
    used(31);
    refresh(&api, &first).problem(401, "unauthenticated");
    refresh(&api, &second).problem(401, "unauthenticated");
}

#[test]
fn what_does_not_hold_is_refused() {
    let api = Api::open();
    let (site, session) = sign_in(&api);
    for token in ["x", &"A".repeat(43), session["access_token"].as_str().unwrap()] {
        refresh(&api, &json!({"refresh_token": token})).problem(401, "unauthenticated");
    }
    for body in [json!({}), json!({"refresh_token": 7}), json!({"refresh_token": "x".repeat(513)})] {
        api.post("", "/api/auth/refresh", &body).problem(422, "invalid");
    }
    let person = site.person(&api, "technician");
    let families = format!("select id from private.refresh_families where profile_id = '{person}'");
    api.tell(&format!(
        "update private.refresh_tokens set issued_at = now() - interval '8 days', expires_at = now() - interval '1 s'
         where family_id in ({families})"
    ));
    refresh(&api, &session).problem(401, "unauthenticated");
    let session = api.sign_in(&site.email("technician"), PASSWORD).expect(200);
    api.tell(&format!("update public.profiles set active = false where id = '{person}'"));
    refresh(&api, &session).problem(401, "unauthenticated");
}

#[test]
fn a_logout_ends_the_family_whichever_of_its_tokens_is_shown() {
    let api = Api::open();
    let (site, first) = sign_in(&api);
    let other_device = api.sign_in(&site.email("technician"), PASSWORD).expect(200);
    let second = refresh(&api, &first).expect(200);
    log_out(&api, &first).expect(204);
    refresh(&api, &second).problem(401, "unauthenticated");
    for session in [&first, &second, &json!({"refresh_token": "unknown"})] {
        log_out(&api, session).expect(204);
    }
    refresh(&api, &other_device).expect(200);
}

#[test]
fn the_database_keeps_no_token() {
    let api = Api::open();
    let (_site, session) = sign_in(&api);
    let token = session["refresh_token"].as_str().unwrap();
    let kept = |what: &str| {
        api.ask(&format!("select count(*) from private.refresh_tokens where token_hash = {what}"))
    };
    assert_eq!(kept(&format!("'{token}'")), "0");
    assert_eq!(kept(&format!("encode(sha256('{token}'), 'hex')")), "1");
}
