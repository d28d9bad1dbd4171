//! The EXIF orientation: reading that one tag, writing it alone, and turning pixels by it.
//!
//! Not a reader of EXIF. A full one would parse, and fail on, structures that are thrown away
//! here; the tag sits in the first directory, in two bytes.

use super::bytes;
use super::pixels::Pixels;

const ORIENTATION_TAG: u16 = 0x0112;
const TYPE_SHORT: u16 = 3;

/// The turn that makes a stored picture stand upright; EXIF tag 0x0112, 1 to 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// Stored as it is seen.
    pub const UPRIGHT: Self = Self(1);

    /// A value outside 1 to 8 says nothing, so it turns nothing.
    #[must_use]
    pub fn from_tag(value: u16) -> Self {
        match u8::try_from(value) {
            Ok(value @ 1..=8) => Self(value),
            _ => Self::UPRIGHT,
        }
    }

    /// The tag's value, 1 to 8.
    #[must_use]
    pub fn tag(self) -> u8 {
        self.0
    }

    /// `(width, height)` after turning.
    #[must_use]
    pub fn turned_size(self, width: u32, height: u32) -> (u32, u32) {
        if self.0 >= 5 { (height, width) } else { (width, height) }
    }

    /// From an EXIF block, beginning at its TIFF header. A damaged block turns nothing.
    pub(super) fn from_exif(tiff: &[u8]) -> Self {
        read_tag(tiff).map_or(Self::UPRIGHT, Self::from_tag)
    }

    /// An EXIF block that says this and nothing else, beginning at its TIFF header.
    pub(super) fn to_exif(self) -> [u8; 26] {
        let mut tiff = *b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0";
        if let Some(value) = tiff.get_mut(19) {
            *value = self.0;
        }
        tiff
    }

    /// The pixels as they are seen.
    pub(super) fn turn(self, stored: Pixels) -> Pixels {
        if self == Self::UPRIGHT {
            return stored;
        }
        let (width, height) = self.turned_size(stored.width, stored.height);
        let mut rgb = Vec::with_capacity(stored.rgb.len());
        for y in 0..height {
            for x in 0..width {
                let (left, top) = self.source(x, y, &stored);
                rgb.extend_from_slice(&stored.at(left, top));
            }
        }
        Pixels { width, height, rgb }
    }

    /// The place at which the upright pixel `(x, y)` is stored.
    fn source(self, x: u32, y: u32, stored: &Pixels) -> (u32, u32) {
        let right = stored.width.saturating_sub(1);
        let bottom = stored.height.saturating_sub(1);
        match self.0 {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (y, bottom - x),
            7 => (right - y, bottom - x),
            8 => (right - y, x),
            _ => (x, y),
        }
    }
}

fn read_tag(tiff: &[u8]) -> Option<u16> {
    let big_endian = match tiff.get(..4)? {
        b"MM\0\x2A" => true,
        b"II\x2A\0" => false,
        _ => return None,
    };
    let u16_at = |at| {
        if big_endian { bytes::be16(tiff, at) } else { bytes::le16(tiff, at) }
    };
    let directory = if big_endian { bytes::be32(tiff, 4) } else { bytes::le32(tiff, 4) };
    let directory = tiff.get(bytes::length(directory?)..)?;
    let entries = if big_endian { bytes::be16(directory, 0) } else { bytes::le16(directory, 0) };

    let start = tiff.len() - directory.len() + 2;
    (0..usize::from(entries?))
        .map(|entry| start + entry * 12)
        .take_while(|at| *at < tiff.len())
        .find(|at| u16_at(*at) == Some(ORIENTATION_TAG) && u16_at(at + 2) == Some(TYPE_SHORT))
        .and_then(|at| u16_at(at + 8))
}
