//! The public keys of an issuer (a JWK set, RFC 7517). Decides when they have to be fetched again, and fetches nothing.

use chrono::{DateTime, TimeDelta, Utc};
use jwt_compact::Algorithm;
use jwt_compact::alg::Es256;
use jwt_compact::jwk::JsonWebKey;
use serde::Deserialize;
use serde_json::Value;

/// A public key of curve P-256.
pub(super) type PublicKey = <Es256 as Algorithm>::VerifyingKey;

/// Keys that are older are asked for again, so that one which was withdrawn ends.
pub(super) const MAX_AGE: TimeDelta = TimeDelta::minutes(10);

/// Between two fetches, so that tokens with made-up key ids cannot make us flood the issuer.
const INTERVAL: TimeDelta = TimeDelta::seconds(60);

/// Between two fetches as long as there is no key at all, and so nobody can be known.
const FIRST_INTERVAL: TimeDelta = TimeDelta::seconds(5);

/// A fetch that has not ended by then has died with its request.
pub(super) const FETCH_DEADLINE: TimeDelta = TimeDelta::seconds(5);

/// The keys, by their ids.
#[derive(Default)]
pub(super) struct KeyRing {
    keys: Vec<(String, PublicKey)>,
    learned: Option<DateTime<Utc>>,
    asked: Option<DateTime<Utc>>,
    asking: bool,
}

/// The next step for a key id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LookUp {
    /// Verify with this.
    Key(PublicKey),
    /// Fetch the keys, tell them with [`KeyRing::learn`], and look again.
    Fetch,
    /// Someone else is fetching; look again in a moment.
    Wait,
    /// There is no such key.
    Unknown,
    /// No key could be had yet.
    NoKeys,
}

impl KeyRing {
    /// Finds the next step for this key id. After [`LookUp::Fetch`] nobody else is told to fetch until [`Self::learn`], or until
    /// that has taken too long.
    pub(super) fn look_up(&mut self, kid: &str, now: DateTime<Utc>) -> LookUp {
        let known = self.keys.iter().find(|(id, _)| id == kid).map(|(_, key)| *key);
        let passed = |since: Option<DateTime<Utc>>, span| since.is_none_or(|since| now - since >= span);
        if let Some(key) = known
            && !passed(self.learned, MAX_AGE)
        {
            return LookUp::Key(key);
        }
        // From here on the keys should be fetched. Until they are, an old key is good enough.
        if self.asking && !passed(self.asked, FETCH_DEADLINE) {
            return known.map_or(LookUp::Wait, LookUp::Key);
        }
        let interval = if self.keys.is_empty() { FIRST_INTERVAL } else { INTERVAL };
        if passed(self.asked, interval) {
            (self.asked, self.asking) = (Some(now), true);
            return LookUp::Fetch;
        }
        let unknown = if self.keys.is_empty() { LookUp::NoKeys } else { LookUp::Unknown };
        known.map_or(unknown, LookUp::Key)
    }

    /// Takes what was fetched, or that it could not be; then the old keys stay. False when there are none.
    pub(super) fn learn(&mut self, keys: Option<Vec<(String, PublicKey)>>, now: DateTime<Utc>) -> bool {
        self.asking = false;
        if let Some(keys) = keys {
            (self.keys, self.learned) = (keys, Some(now));
        }
        !self.keys.is_empty()
    }
}

/// The keys of a JWK set that can sign with ES256. Others are left out: an issuer may publish several kinds. `None` when
/// it is no JWK set.
pub(super) fn read_keys(body: &[u8]) -> Option<Vec<(String, PublicKey)>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_slice(body).ok()?;
    Some(set.keys.iter().filter_map(read_key).collect())
}

fn read_key(key: &Value) -> Option<(String, PublicKey)> {
    let says = |name: &str, value: &str| key.get(name).is_none_or(|said| said == value);
    let may_verify = key.get("key_ops").is_none_or(|may| {
        may.as_array().is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    });
    if !says("alg", "ES256") || !says("use", "sig") || !may_verify {
        return None;
    }
    let kid = key.get("kid")?.as_str()?.to_owned();
    let key = JsonWebKey::deserialize(key).ok()?;
    Some((kid, PublicKey::try_from(&key).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jwt_compact::alg::SigningKey;

    fn key(seed: u8) -> PublicKey {
        type PrivateKey = <Es256 as Algorithm>::SigningKey;
        let key: PrivateKey = SigningKey::<Es256>::from_slice(&[seed; 32]).unwrap();
        SigningKey::<Es256>::to_verifying_key(&key)
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    /// Has fetched key `a` at second 0.
    fn ring() -> KeyRing {
        let mut ring = KeyRing::default();
        assert_eq!(ring.look_up("a", at(0)), LookUp::Fetch);
        assert!(ring.learn(Some(vec![("a".to_owned(), key(1))]), at(0)));
        ring
    }

    #[test]
    fn a_known_key_needs_no_fetch() {
        assert_eq!(ring().look_up("a", at(599)), LookUp::Key(key(1)));
    }

    #[test]
    fn made_up_key_ids_cause_one_fetch_a_minute() {
        let mut ring = ring();
        let mut fetches = 0;
        for second in 1..=300 {
            for kid in ["x", "y", "z"] {
                match ring.look_up(kid, at(second)) {
                    LookUp::Fetch => {
                        fetches += 1;
                        assert_eq!(ring.look_up("x", at(second)), LookUp::Wait, "one at a time");
                        assert_eq!(ring.look_up("a", at(second)), LookUp::Key(key(1)), "nobody else waits");
                        ring.learn(Some(vec![("a".to_owned(), key(1))]), at(second));
                    }
                    other => assert_eq!(other, LookUp::Unknown),
                }
            }
        }
        assert_eq!(fetches, 5);
    }

    #[test]
    fn a_new_key_is_found_and_a_withdrawn_one_ends() {
        let mut ring = ring();
        assert_eq!(ring.look_up("b", at(60)), LookUp::Fetch);
        ring.learn(Some(vec![("b".to_owned(), key(2))]), at(60));
        assert_eq!(ring.look_up("b", at(61)), LookUp::Key(key(2)));
        assert_eq!(ring.look_up("a", at(61)), LookUp::Unknown);
        assert_eq!(ring.look_up("b", at(60 + 600)), LookUp::Fetch, "an old key is asked for again");
        assert_eq!(
            ring.look_up("b", at(60 + 600)),
            LookUp::Key(key(2)),
            "and good until the answer is there"
        );
    }

    #[test]
    fn without_an_answer_the_old_keys_stay() {
        let mut ring = ring();
        assert_eq!(ring.look_up("a", at(600)), LookUp::Fetch);
        assert!(ring.learn(None, at(605)));
        assert_eq!(ring.look_up("a", at(606)), LookUp::Key(key(1)));
        assert_eq!(ring.look_up("x", at(606)), LookUp::Unknown);
        assert_eq!(ring.look_up("a", at(660)), LookUp::Fetch);
    }

    #[test]
    fn as_long_as_there_are_none_they_are_asked_for_every_five_seconds() {
        let mut ring = KeyRing::default();
        assert_eq!(ring.look_up("a", at(0)), LookUp::Fetch);
        assert!(!ring.learn(None, at(1)));
        assert_eq!(ring.look_up("a", at(4)), LookUp::NoKeys);
        assert_eq!(ring.look_up("a", at(5)), LookUp::Fetch);
        assert_eq!(ring.look_up("a", at(9)), LookUp::Wait);
        assert_eq!(ring.look_up("a", at(10)), LookUp::Fetch, "whoever fetched is gone");
    }
}
