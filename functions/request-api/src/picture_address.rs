//! The address at which a picture can be read without a token, as an `<img>` does.
//!
//! It names the picture and the day on which it ends, and is signed: whoever was told it, in a row that they may see, can read
//! that one picture until then. It is the same for everyone and for a whole day, so that a browser keeps what it has.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Days, NaiveDate, Utc};
use hmac::{Hmac, Mac};
use millwright_edge::config::Reader;
use sha2::Sha256;
use uuid::Uuid;

/// The fewest bytes of the secret.
const SECRET_BYTES: usize = 32;
/// Half of an HMAC-SHA256, which is as much as nobody guesses (RFC 2104, 5).
const SIGNATURE_BYTES: usize = 16;
/// An address ends when the second day after it was told begins, in UTC: it is good for 24 hours at least and 48 at most.
const DAYS: Days = Days::new(2);

/// A picture in one of its forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Picture<'a> {
    /// The warehouse that its attachment belongs to: with it the bytes are found without asking the database.
    pub(crate) warehouse: Uuid,
    /// The attachment.
    pub(crate) id: Uuid,
    /// The word of the form (`variant`).
    pub(crate) variant: &'a str,
}

/// The reason why an address leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It was not made by us, or not for this picture and day.
    Forged,
    /// It was, and has ended.
    Ended,
}

/// Makes addresses, and knows its own. Deliberately without `Debug`.
pub(crate) struct Signer(Hmac<Sha256>);

impl Signer {
    /// Reads `PICTURE_SECRET`.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Self {
        let secret = reader.text("PICTURE_SECRET");
        if !secret.is_empty() && secret.len() < SECRET_BYTES {
            reader.wrong(format!("PICTURE_SECRET has less than {SECRET_BYTES} bytes"));
        }
        Self::of(&secret)
    }

    pub(crate) fn of(secret: &str) -> Self {
        // A key may have any length, so there is always one.
        Self(Hmac::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| Hmac::new(&[0; 64].into())))
    }

    /// The path of a picture, and the query that opens it, as they are told at this moment.
    pub(crate) fn path(&self, picture: &Picture<'_>, now: DateTime<Utc>) -> String {
        let until = now.date_naive() + DAYS;
        let signature = self.hash(picture, until).finalize().into_bytes();
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature.get(..SIGNATURE_BYTES).unwrap_or_default());
        let Picture { warehouse, id, variant } = picture;
        format!("/api/v1/pictures/{warehouse}/{id}/{variant}?until={until}&signature={signature}")
    }

    /// Judges what an address says of a picture.
    pub(crate) fn judge(
        &self,
        picture: &Picture<'_>,
        until: &str,
        signature: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refused> {
        let until: NaiveDate = until.parse().map_err(|_| Refused::Forged)?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Forged)?;
        if signature.len() != SIGNATURE_BYTES {
            return Err(Refused::Forged);
        }
        // In a time that does not depend on how much of it is right.
        self.hash(picture, until).verify_truncated_left(&signature).map_err(|_| Refused::Forged)?;
        if now.date_naive() < until { Ok(()) } else { Err(Refused::Ended) }
    }

    fn hash(&self, Picture { warehouse, id, variant }: &Picture<'_>, until: NaiveDate) -> Hmac<Sha256> {
        // All but the variant have a fixed length, and it is of a few words: no two say the same.
        self.0.clone().chain_update(format!("{until} {warehouse} {id} {variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THUMBNAIL: Picture<'_> =
        Picture { warehouse: Uuid::from_u128(1), id: Uuid::from_u128(2), variant: "thumbnail" };

    fn signer() -> Signer {
        Signer::of("a secret of thirty-two bytes, at least")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// The parts of an address's query.
    fn said(path: &str) -> (&str, &str) {
        let (until, signature) = path.split_once("until=").unwrap().1.split_once("&signature=").unwrap();
        (until, signature)
    }

    #[test]
    fn an_address_is_the_same_all_day_and_good_for_a_day_at_least() {
        let (first, last) = (at("2026-11-27T00:00:00Z"), at("2026-11-27T23:59:59Z"));
        let path = signer().path(&THUMBNAIL, first);
        assert_eq!(path, signer().path(&THUMBNAIL, last));
        assert_ne!(path, signer().path(&THUMBNAIL, at("2026-11-28T00:00:00Z")));
        let (until, signature) = said(&path);
        assert_eq!(until, "2026-11-29");
        assert_eq!(signature.len(), 22);
        let judged = |now: &str| signer().judge(&THUMBNAIL, until, signature, at(now));
        assert_eq!(judged("2026-11-27T00:00:00Z"), Ok(()));
        assert_eq!(judged("2026-11-28T23:59:59Z"), Ok(()));
        assert_eq!(judged("2026-11-29T00:00:00Z"), Err(Refused::Ended));
    }

    #[test]
    fn an_address_is_of_one_picture_one_form_one_day_and_one_secret() {
        let now = at("2026-11-27T12:00:00Z");
        let path = signer().path(&THUMBNAIL, now);
        let (until, signature) = said(&path);
        let forged = Err(Refused::Forged);
        for other in [
            Picture { warehouse: THUMBNAIL.id, ..THUMBNAIL },
            Picture { id: THUMBNAIL.warehouse, ..THUMBNAIL },
            Picture { variant: "original", ..THUMBNAIL },
        ] {
            assert_eq!(signer().judge(&other, until, signature, now), forged);
        }
        assert_eq!(signer().judge(&THUMBNAIL, "2026-11-30", signature, now), forged);
        assert_eq!(Signer::of("another").judge(&THUMBNAIL, until, signature, now), forged);
        let changed = format!("{}{}", if signature.starts_with('A') { 'B' } else { 'A' }, &signature[1..]);
        let long = BASE64_URL_SAFE_NO_PAD.encode([0; 32]);
        for wrong in ["", "AA", "A", &signature[..20], &changed, &format!("{signature}A"), &long, "%", "é"] {
            assert_eq!(signer().judge(&THUMBNAIL, until, wrong, now), forged, "{wrong}");
        }
        for wrong in ["", "tomorrow", "20786", "2026-02-30"] {
            assert_eq!(signer().judge(&THUMBNAIL, wrong, signature, now), forged, "{wrong}");
        }
    }

    /// As another program makes it: the first 16 bytes of the HMAC of Python.
    #[test]
    fn a_signature_is_the_usual_one() {
        let path = signer().path(&THUMBNAIL, at("2026-11-27T12:00:00Z"));
        assert_eq!(said(&path).1, "o6_Dqo-GDu5N8q23oB-qqQ");
    }
}
