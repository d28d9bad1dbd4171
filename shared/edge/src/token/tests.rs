//! Tokens that are accepted and tokens that are not, for both algorithms.

use std::cell::RefCell;

use chrono::TimeDelta;
use futures_util::FutureExt;
use jwt_compact::alg::SigningKey;
use jwt_compact::{Claims, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::key_ring::{PublicKey, read_keys};
use super::*;

const SECRET: &str = "a secret of at least thirty-two bytes";
const OLD_SECRET: &str = "the secret that we had before this one";
const KID: &str = "2026-03";

type PrivateKey = <Es256 as Algorithm>::SigningKey;

fn now() -> DateTime<Utc> {
    "2026-03-02T08:00:00Z".parse().unwrap()
}

fn bearer() -> Bearer {
    Bearer { id: person(), reach: None }
}

fn person() -> ProfileId {
    ProfileId(Uuid::from_u128(7))
}

fn expected() -> Expected {
    Expected { issuer: "millwright".to_owned(), audience: "authenticated".to_owned() }
}

fn shared() -> Keeper {
    let previous = Some(Hs256Key::new(OLD_SECRET));
    let verifier = Verifier::Shared(SharedSecrets { current: Hs256Key::new(SECRET), previous });
    Keeper { verifier, signer: Some(Hs256Key::new(SECRET)), expected: expected() }
}

fn private_key(seed: u8) -> PrivateKey {
    SigningKey::<Es256>::from_slice(&[seed; 32]).unwrap()
}

fn public_key(seed: u8) -> PublicKey {
    SigningKey::<Es256>::to_verifying_key(&private_key(seed))
}

/// Accepts what key 1 has signed.
fn published() -> Keeper {
    let keys = vec![(KID.to_owned(), public_key(1))];
    let keys = RemoteKeys::known(keys, now());
    let verifier = Verifier::Published(PublishedKeys { keys, verified: RefCell::new(Recent::of_at_most(2)) });
    Keeper { verifier, signer: Some(Hs256Key::new(SECRET)), expected: expected() }
}

type Sign = fn(&Value) -> String;

/// The keeper of either algorithm, and how tokens for it are signed.
fn both() -> [(Keeper, Sign); 2] {
    [(shared(), |claims| hs256(SECRET.as_bytes(), claims)), (published(), |claims| es256(1, KID, claims))]
}

fn verify(keeper: &Keeper, token: &str, now: DateTime<Utc>) -> Result<Bearer, TokenFault> {
    keeper.verify(token, now).now_or_never().expect("no key has to be fetched")
}

fn parsed(claims: &Value) -> Claims<Value> {
    serde_json::from_value(claims.clone()).unwrap()
}

fn hs256(secret: &[u8], claims: &Value) -> String {
    Hs256.token(&Header::empty(), &parsed(claims), &Hs256Key::new(secret)).unwrap()
}

fn es256(seed: u8, kid: &str, claims: &Value) -> String {
    Es256.token(&Header::empty().with_key_id(kid), &parsed(claims), &private_key(seed)).unwrap()
}

fn claims() -> Value {
    json!({
        "sub": Uuid::from_u128(7), "role": "authenticated", "iss": "millwright", "aud": "authenticated",
        "exp": now().timestamp() + 60,
    })
}

#[test]
fn what_is_issued_is_accepted_until_it_expires() {
    let token = shared().issue(&bearer(), ACCESS_TOKEN_SECONDS, now()).unwrap();
    assert_eq!(verify(&shared(), &token, now()), Ok(bearer()));
    let last = now() + TimeDelta::seconds(ACCESS_TOKEN_SECONDS + claims::LEEWAY_SECONDS);
    assert_eq!(verify(&shared(), &token, last + TimeDelta::seconds(1)), Err(TokenFault::Invalid));
}

#[test]
fn each_claim_is_checked() {
    for (keeper, sign) in both() {
        let refused = |claims: &Value, why: &str| {
            assert_eq!(verify(&keeper, &sign(claims), now()), Err(TokenFault::Invalid), "{why}");
        };
        assert_eq!(verify(&keeper, &sign(&claims()), now()), Ok(bearer()), "the base of the variants");
        let mut several = claims();
        several["aud"] = json!(["another", "authenticated"]);
        assert_eq!(verify(&keeper, &sign(&several), now()), Ok(bearer()));
        let variants = [
            ("iss", json!("someone else")),
            ("aud", json!("another")),
            ("aud", json!(["another"])),
            ("role", json!("millwright_pm_scheduler")),
            ("role", json!("service_role")),
            ("sub", json!("not an id")),
            ("exp", json!(now().timestamp() - 31)),
            ("nbf", json!(now().timestamp() + 31)),
        ];
        for (name, value) in variants {
            let mut claims = claims();
            claims[name] = value;
            refused(&claims, name);
        }
        for name in ["iss", "aud", "role", "sub", "exp"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(name);
            refused(&claims, name);
        }
    }
}

#[test]
fn two_clocks_may_be_half_a_minute_apart() {
    for (keeper, sign) in both() {
        let mut claims = claims();
        claims["exp"] = json!(now().timestamp() - 29);
        claims["nbf"] = json!(now().timestamp() + 29);
        assert_eq!(verify(&keeper, &sign(&claims), now()), Ok(bearer()));
    }
}

#[test]
fn malformed_unsigned_and_wrongly_signed_tokens_are_refused() {
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIwIn0.";
    let mut none = es256(1, KID, &claims());
    none.replace_range(..none.find('.').unwrap(), "eyJhbGciOiJub25lIiwia2lkIjoiMjAyNi0wMyJ9");
    let tampered = es256(1, KID, &claims()).replacen(".eyJ", ".eyI", 1);
    let foreign = hs256(b"another secret, as long as the first", &claims());
    let strangers = es256(2, KID, &claims());
    for keeper in [shared(), published()] {
        for token in ["", "a", "a.b.c", "..", unsigned, &none, &tampered, &foreign, &strangers, "\u{0}.é.x"]
        {
            assert_eq!(verify(&keeper, token, now()), Err(TokenFault::Invalid), "{token}");
        }
    }
}

#[test]
fn a_token_cannot_choose_its_algorithm() {
    let spki_point = SigningKey::<Es256>::to_verifying_key(&private_key(1));
    let bytes = jwt_compact::alg::VerifyingKey::<Es256>::as_bytes(&spki_point).into_owned();
    let jwk = serde_json::to_vec(&jwt_compact::jwk::JsonWebKey::from(&spki_point)).unwrap();
    // Signed with what everyone can read: the public key, as bytes and as the text it is published as.
    for secret in [bytes.as_slice(), jwk.as_slice(), SECRET.as_bytes()] {
        let header = Header::empty().with_key_id(KID);
        let token = Hs256.token(&header, &parsed(&claims()), &Hs256Key::new(secret)).unwrap();
        assert_eq!(verify(&published(), &token, now()), Err(TokenFault::Invalid));
    }
    assert_eq!(verify(&shared(), &es256(1, KID, &claims()), now()), Err(TokenFault::Invalid));
    let issued = published().issue(&bearer(), 60, now()).unwrap();
    assert_eq!(
        verify(&published(), &issued, now()),
        Err(TokenFault::Invalid),
        "what we issue ourselves is for the gateway"
    );
}

#[test]
fn a_header_that_asks_for_more_than_is_understood_is_refused() {
    let with = |extensions: Value| {
        let header = Header::new(extensions).with_key_id(KID);
        let keys = (Hs256Key::new(SECRET), private_key(1));
        let shared_token = Hs256.token(&header, &parsed(&claims()), &keys.0).unwrap();
        let published_token = Es256.token(&header, &parsed(&claims()), &keys.1).unwrap();
        [verify(&shared(), &shared_token, now()), verify(&published(), &published_token, now())]
    };
    let refused = [
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"crit": ["b64"], "b64": true}),
        json!({"b64": false}),
        json!({"b64": "false"}),
    ];
    for extensions in refused {
        assert_eq!(
            with(extensions.clone()),
            [Err(TokenFault::Invalid), Err(TokenFault::Invalid)],
            "{extensions}"
        );
    }
    for extensions in [json!({}), json!({"b64": true}), json!({"nonce": 1}), json!({"nonce": 1.5})] {
        assert_eq!(with(extensions.clone()), [Ok(bearer()), Ok(bearer())], "{extensions}");
    }
}

#[test]
fn the_key_is_the_one_that_the_token_names() {
    assert_eq!(verify(&published(), &es256(1, KID, &claims()), now()), Ok(bearer()));
    let unnamed = Es256.token(&Header::empty(), &parsed(&claims()), &private_key(1)).unwrap();
    assert_eq!(verify(&published(), &unnamed, now()), Err(TokenFault::Invalid));
}

#[test]
fn the_secret_before_this_one_verifies_but_does_not_sign() {
    let old = hs256(OLD_SECRET.as_bytes(), &claims());
    assert_eq!(verify(&shared(), &old, now()), Ok(bearer()));
    let issued = shared().issue(&bearer(), 60, now()).unwrap();
    let without = Keeper {
        verifier: Verifier::Shared(SharedSecrets { current: Hs256Key::new(SECRET), previous: None }),
        ..shared()
    };
    assert_eq!(verify(&without, &issued, now()), Ok(bearer()));
    assert_eq!(verify(&without, &old, now()), Err(TokenFault::Invalid));
}

#[test]
fn what_is_remembered_as_verified_still_expires() {
    let keeper = published();
    let token = es256(1, KID, &claims());
    assert_eq!(verify(&keeper, &token, now()), Ok(bearer()));
    let Verifier::Published(published) = &keeper.verifier else { panic!("it has published keys") };
    assert!(published.verified.borrow().get(&token, now()).is_some());
    let late = now() + TimeDelta::seconds(60 + claims::LEEWAY_SECONDS + 1);
    assert_eq!(verify(&keeper, &token, late), Err(TokenFault::Invalid));
}

#[test]
fn of_a_published_set_only_what_can_sign_is_taken() {
    let key = |seed: u8, more: Value| {
        let mut key = serde_json::to_value(jwt_compact::jwk::JsonWebKey::from(&public_key(seed))).unwrap();
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    };
    let set = json!({"keys": [
        key(1, json!({"kid": "a", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "ext": true})),
        key(2, json!({"kid": "b"})),
        key(3, json!({"kid": "encrypts", "use": "enc"})),
        key(4, json!({"kid": "other", "alg": "ES384"})),
        key(5, json!({})),
        key(6, json!({"kid": "signs", "key_ops": ["sign"]})),
        key(7, json!({"kid": "odd", "key_ops": "verify"})),
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB", "alg": "RS256"},
        {"kty": "EC", "kid": "p384", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "kid": "nowhere", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
        {"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "new"}, 7, null
    ]});
    let keys = read_keys(set.to_string().as_bytes()).unwrap();
    assert_eq!(keys, [("a".to_owned(), public_key(1)), ("b".to_owned(), public_key(2))]);
    assert_eq!(read_keys(br#"{"keys": []}"#), Some(Vec::new()));
    for no_set in ["", "[]", "{}", r#"{"keys": 7}"#, "<html>"] {
        assert_eq!(read_keys(no_set.as_bytes()), None);
    }
}
