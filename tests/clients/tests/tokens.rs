//! Tokens of two libraries that are not ours, good and bad ones: the API in both of its modes, and the gateway behind it,
//! take the good ones and no other.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_clients_tests::{file, node, python, run};
use millwright_harness::client;
use millwright_stack_tests::{Api, Site};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use ureq::http::Method;

const LIMIT: Duration = Duration::from_mins(1);

/// An API, who signs for it, and a person whom it knows.
struct Mode {
    api: Api,
    address: String,
    issuer: String,
    key: Value,
    person: String,
}

impl Mode {
    /// We sign, with the shared secret.
    fn builtin() -> Self {
        let api = Api::open();
        let address = api.stack.api().unwrap().to_owned();
        let person = Site::build(&api).person(&api, "technician");
        Self { api, address, issuer: "millwright".to_owned(), key: Value::Null, person }
    }

    /// Supabase Auth signs, with a key of its own.
    fn supabase() -> Self {
        let mode = Self::builtin();
        let second = mode.api.stack.supabase.clone().expect("the stack has a second API");
        let key = client::supabase_key(&mode.api.stack).unwrap();
        Self { address: second.api, issuer: second.auth, key, ..mode }
    }

    /// The tokens that a program makes for it.
    fn tokens(&self, mut program: Command, name: &str) -> Value {
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.log"));
        let given = json!({
            "secret": self.api.stack.jwt_secret, "issuer": self.issuer, "audience": "authenticated",
            "person": self.person, "key": self.key,
        });
        let said = run(program.env("MILLWRIGHT_INPUT", given.to_string()), &log, LIMIT);
        assert!(said.well, "{}", said.text);
        serde_json::from_str(&said.text).expect(&said.text)
    }

    /// The status of a request that carries the token, and whom it took the token for.
    fn ask(&self, address: &str, path: &str, token: &str) -> (u16, Value) {
        let bearer = format!("Bearer {token}");
        let answer = self.api.send_to(address, &Method::GET, path, &[("authorization", &bearer)], &[]);
        (answer.status, answer.json())
    }

    fn try_all(&self, program: Command, name: &str) {
        let tokens = self.tokens(program, name);
        let (good, bad, strict) = (all(&tokens["good"]), all(&tokens["bad"]), all(&tokens["strict"]));
        assert!(good.len() >= 5 && bad.len() >= 14 && strict.len() >= 8);
        let mut wrong = Vec::new();
        let mut judge = |who: &str, what: &str, right: bool, (status, body): (u16, Value)| {
            if !right {
                wrong.push(format!("{who}, {what}: {status} {body}"));
            }
        };
        let row = format!("/profiles?select=id&id=eq.{}", self.person);
        let text = |token: &Value| token.as_str().unwrap().to_owned();
        for (what, token) in good {
            let token = &text(token);
            let answer = self.ask(&self.address, "/api/auth/me", token);
            judge("API", what, answer.0 == 200 && answer.1["id"] == self.person, answer);
            let answer = self.ask(&self.api.stack.gateway, &row, token);
            judge("gateway", what, answer == (200, json!([{"id": self.person}])), answer);
        }
        for (what, token) in bad {
            let token = &text(token);
            let answer = self.ask(&self.api.stack.gateway, &row, token);
            // No token at all is a stranger, who sees nothing.
            let right = answer.0 == 401 || token.is_empty() && answer.1 == json!([]);
            judge("gateway", what, right, answer);
        }
        for (what, token) in bad.iter().chain(strict) {
            let answer = self.ask(&self.address, "/api/auth/me", &text(token));
            judge("API", what, answer.0 == 401 && answer.1["code"] == "unauthenticated", answer);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

fn all(tokens: &Value) -> &Map<String, Value> {
    tokens.as_object().unwrap()
}

fn pyjwt() -> Command {
    let mut command = python("python");
    command.arg(file("tokens/pyjwt.py"));
    command
}

#[test]
fn shared_secret_by_jose() {
    Mode::builtin().try_all(node("tokens/jose.mjs"), "shared-jose");
}

#[test]
fn shared_secret_by_pyjwt() {
    Mode::builtin().try_all(pyjwt(), "shared-pyjwt");
}

#[test]
fn published_key_by_jose() {
    Mode::supabase().try_all(node("tokens/jose.mjs"), "published-jose");
}

#[test]
fn published_key_by_pyjwt() {
    Mode::supabase().try_all(pyjwt(), "published-pyjwt");
}
