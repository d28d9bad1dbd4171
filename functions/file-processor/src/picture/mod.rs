//! The picture code: bytes in, bytes out, and nothing else.
//!
//! In scope: what a picture is and how large it is, before a pixel is decoded ([`inspect`]); the
//! original without its metadata ([`clean`]); the two renditions that are served ([`render`]).
//! Not in scope: buckets, queues, states, hashes and every type of the runtime.
//!
//! Invariants:
//! - Whatever the bytes are, a function here answers with an error, never with a panic.
//! - Nothing is decoded before its cost is known: a picture whose pixels, the input bytes and every
//!   buffer between them would not fit the [`MemoryBudget`] is [`PictureError::TooLarge`]. (The one
//!   cost that cannot be known is named in `decode/webp.rs`.)
//! - What leaves is built from an allow list. A segment nobody knows is metadata, and stays behind.

mod budget;
mod bytes;
mod colour;
mod container;
mod decode;
mod error;
mod header;
mod orientation;
mod pixels;
mod profile;
mod rendition;
mod rows;
#[cfg(test)]
mod tests;
mod tones;

pub use budget::MemoryBudget;
pub use error::PictureError;
pub use header::{Header, Kind};
pub use orientation::Orientation;
pub use rendition::{DISPLAY_BOX, Rendition, Renditions, THUMBNAIL_SIDE};

/// Reads kind, size and orientation from the headers. Decodes nothing.
///
/// # Errors
///
/// [`PictureError::NotAPicture`] and [`PictureError::Unreadable`].
pub fn inspect(bytes: &[u8]) -> Result<Header, PictureError> {
    let header = match kind_of(bytes).ok_or(PictureError::NotAPicture)? {
        Kind::Jpeg => container::jpeg::header(bytes),
        Kind::Png => container::png::header(bytes),
        Kind::WebP => container::webp::header(bytes),
    }?;
    if header.width == 0 || header.height == 0 {
        return Err(PictureError::unreadable("the picture has no width or no height"));
    }
    Ok(header)
}

/// Decodes, turns upright and makes both renditions, in sRGB.
///
/// Inks become light by their profile, or without one as browsers do it. A PNG's cICP, iCCP, sRGB, gAMA and cHRM count in
/// this order. Light that is brighter than the white of a screen (PQ, HLG) is dimmed: 1,000 cd/m² become white.
///
/// `header` is what [`inspect`] said of the same bytes.
///
/// # Errors
///
/// [`PictureError::TooLarge`] before anything is decoded, [`PictureError::Unreadable`].
pub fn render(bytes: &[u8], header: &Header, budget: MemoryBudget) -> Result<Renditions, PictureError> {
    let targets = rendition::Targets::of(header);
    let decoded = match header.kind {
        Kind::Jpeg => decode::jpeg::decode(bytes, header, &targets, budget),
        Kind::Png => decode::png::decode(bytes, header, &targets, budget),
        Kind::WebP => decode::webp::decode(bytes, header, &targets, budget),
    }?;
    rendition::make(decoded.pixels, &targets, header.orientation, decoded.colours.as_ref())
}

/// The original without metadata: no EXIF, GPS, XMP, IPTC, comments, embedded thumbnails or text,
/// and nothing that follows the end of the picture. The coded pixels are copied as they are. The
/// numbers of the colour profile stay, and the orientation, as the only tag of a new EXIF block.
///
/// `header` is what [`inspect`] said of the same bytes.
///
/// # Errors
///
/// [`PictureError::Unreadable`]: a file that breaks off within the picture cannot be cleaned. One that
/// only lacks what follows its pixels gets it.
pub fn clean(bytes: &[u8], header: &Header) -> Result<Vec<u8>, PictureError> {
    match header.kind {
        Kind::Jpeg => container::jpeg::clean(bytes, header.orientation),
        Kind::Png => container::png::clean(bytes, header.orientation),
        Kind::WebP => container::webp::clean(bytes, header.orientation),
    }
}

fn kind_of(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some(Kind::Jpeg)
    } else if bytes.starts_with(container::png::SIGNATURE) {
        Some(Kind::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice()) {
        Some(Kind::WebP)
    } else {
        None
    }
}
