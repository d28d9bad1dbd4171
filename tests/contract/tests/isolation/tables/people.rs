//! Warehouses, people, and how they want to be reached.

use crate::matrix::rule::Place::{Here, Mine, There};
use crate::matrix::rule::{ADMIN, EVERYONE, LEADERS, NOBODY, OFFICE, Row, Rule, STAFF};
use crate::matrix::scene::At;
use anyhow::Result;
use millwright_contract_tests::with;
use serde_json::{Value, json};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // Leaders set opening hours, public reports and what is signed for; name and zone are the office's. There: a further one.
    Rule { rows: "warehouses", row: warehouse, but: &[
        ("public_reports", "true", &[(Here, LEADERS), (There, OFFICE)]),
        ("completion_signature", "drawn", &[(Here, LEADERS), (There, OFFICE)]),
    ], who: &[
        (Here,  EVERYONE, ADMIN,  OFFICE, NOBODY),
        (There, OFFICE,   ADMIN,  OFFICE, NOBODY),
    ]},
    // Colleagues know each other; for whoever comes from outside there is nobody but themselves.
    Rule { rows: "profiles", row: profile, but: &[], who: &[
        (Here,  STAFF,    ADMIN, ADMIN, NOBODY),
        // Their name and how they are reached, and nothing else: `people.rs`.
        (Mine,  EVERYONE, ADMIN, EVERYONE, NOBODY),
        (There, OFFICE,   ADMIN, ADMIN, NOBODY),
    ]},
    Rule { rows: "notification_settings", row: notification_setting, but: &[], who: &[
        (Mine,  EVERYONE, EVERYONE, EVERYONE, EVERYONE),
        (Here,  NOBODY,   NOBODY,   NOBODY,   NOBODY),
        (There, NOBODY,   NOBODY,   NOBODY,   NOBODY),
    ]},
    Rule { rows: "push_subscriptions", row: push_subscription, but: &[], who: &[
        (Mine,  EVERYONE, EVERYONE, NOBODY, EVERYONE),
        (Here,  NOBODY,   NOBODY,   NOBODY, NOBODY),
        (There, NOBODY,   NOBODY,   NOBODY, NOBODY),
    ]},
];

fn warehouse(at: &mut At<'_>) -> Result<Row> {
    let id = At::word();
    let row = match at.place {
        Here => {
            let warehouse = at.warehouse();
            let anew = "update public.warehouses set public_reports = false, completion_signature = 'optional' where id = $1";
            at.change(anew, &[&warehouse])?;
            Row::existing(json!({"id": warehouse}))
        }
        // Not where people of the other one are, but a further one.
        _ => Row::said(json!({"id": id, "code": at.code(), "name": "A new one", "time_zone": "UTC"})),
    };
    Ok(row.change(json!({"name": id})))
}

fn profile(at: &mut At<'_>) -> Result<Row> {
    let word = At::word();
    let row = match at.place {
        Mine => Row::existing(json!({"id": at.person.id})),
        _ => Row::said(
            json!({"id": word, "email": format!("{word}@contract.test"), "full_name": "A colleague",
            "role": "technician", "warehouse_id": at.warehouse()}),
        ),
    };
    Ok(row.change(json!({"full_name": word})))
}

/// Nobody says that it is theirs; to say that it is another's is refused.
fn of(at: &At<'_>, said: Value) -> Row {
    let said = if at.place == Mine { said } else { with(said, &json!({"profile_id": at.owner()})) };
    Row::said(said).by(at.owner())
}

fn notification_setting(at: &mut At<'_>) -> Result<Row> {
    at.make_way("notification_settings where profile_id = $1", Some(at.owner()))?;
    let said = json!({"id": At::word(), "type": "wo_comment", "channel": "email", "enabled": true});
    Ok(of(at, said).change(json!({"enabled": false})))
}

fn push_subscription(at: &mut At<'_>) -> Result<Row> {
    let id = At::word();
    let said = json!({"id": id, "endpoint": format!("https://push.test/{id}"), "p256dh": "a".repeat(87),
        "auth": "b".repeat(22)});
    Ok(of(at, said).change(json!({"auth": "c".repeat(22)})))
}
