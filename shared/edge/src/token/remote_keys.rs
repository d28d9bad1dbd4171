//! An issuer's keys, fetched when they are needed and kept in the isolate.

use std::cell::RefCell;
use std::time::Duration;

use chrono::{DateTime, Utc};
use worker::{Delay, RequestInit};

use super::TokenFault;
use super::key_ring::{FETCH_DEADLINE, KeyRing, LookUp, PublicKey, read_keys};
use crate::clock;
use crate::transport::{Destination, send_within};

/// The interval at which a request looks if another's fetch has ended. The runtime lets no request wait for the I/O of another
/// one, so it has to look by itself.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The keys that are published at an address.
pub(super) struct RemoteKeys {
    url: String,
    ring: RefCell<KeyRing>,
}

impl RemoteKeys {
    pub(super) fn at(url: String) -> Self {
        Self { url, ring: RefCell::default() }
    }

    /// Those that were fetched just now.
    #[cfg(test)]
    pub(super) fn known(keys: Vec<(String, PublicKey)>, now: DateTime<Utc>) -> Self {
        let remote = Self::at(String::new());
        remote.ring.borrow_mut().learn(Some(keys), now);
        remote
    }

    /// The key with this id. `None` when the issuer has none of that id, as far as may be asked now.
    ///
    /// # Errors
    /// If no keys can be had.
    pub(super) async fn key(&self, kid: &str, now: DateTime<Utc>) -> Result<Option<PublicKey>, TokenFault> {
        let mut now = now;
        loop {
            let looked_up = self.ring.borrow_mut().look_up(kid, now);
            match looked_up {
                LookUp::Key(key) => return Ok(Some(key)),
                LookUp::Unknown => return Ok(None),
                LookUp::NoKeys => return Err(TokenFault::Unavailable("there are no keys yet".to_owned())),
                LookUp::Wait => Delay::from(LOOK_AGAIN).await,
                LookUp::Fetch => self.learn(self.fetch().await)?,
            }
            now = clock::now();
        }
    }

    fn learn(&self, fetched: Result<Vec<(String, PublicKey)>, String>) -> Result<(), TokenFault> {
        let (keys, failure) = match fetched {
            Ok(keys) => (Some(keys), "the issuer publishes no key for ES256".to_owned()),
            Err(failure) => (None, failure),
        };
        let has_keys = self.ring.borrow_mut().learn(keys, clock::now());
        has_keys.then_some(()).ok_or(TokenFault::Unavailable(failure))
    }

    async fn fetch(&self) -> Result<Vec<(String, PublicKey)>, String> {
        let said = |error: &dyn std::fmt::Display| format!("the issuer's keys: {error}");
        let milliseconds = u32::try_from(FETCH_DEADLINE.num_milliseconds()).unwrap_or_default();
        let issuer = Destination::Provider(&self.url);
        let mut response =
            send_within(issuer, &mut RequestInit::new(), milliseconds).await.map_err(|error| said(&error))?;
        if response.status_code() != 200 {
            return Err(said(&format!("status {}", response.status_code())));
        }
        let body = response.bytes().await.map_err(|error| said(&error))?;
        read_keys(&body).ok_or_else(|| said(&"not a JWK set"))
    }
}
