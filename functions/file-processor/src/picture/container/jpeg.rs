//! The segments of a JPEG.
//!
//! Kept are the tables, the frame, the scans, the JFIF header without its thumbnail, the Adobe
//! marker (without it the colours are wrong) and the colour profile. Whatever follows the end of
//! the image (motion pictures, depth maps, archives) is not even looked at.

use super::segments::{APP0, APP1, APP2, APP14, END, SCAN, START, Segment, Segments};
use crate::picture::bytes;
use crate::picture::error::PictureError;
use crate::picture::header::{Header, Kind};
use crate::picture::orientation::Orientation;

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";

/// The frame header, as far as decoding is concerned.
pub(in crate::picture) struct Frame {
    marker: u8,
    precision: u8,
    pub(in crate::picture) width: u32,
    pub(in crate::picture) height: u32,
    /// Sampling factors of each component: horizontal, vertical.
    pub(in crate::picture) sampling: Vec<(u8, u8)>,
}

impl Frame {
    pub(in crate::picture) fn is_progressive(&self) -> bool {
        self.marker == 0xC2
    }

    /// True for the variants that are decoded.
    pub(in crate::picture) fn is_common(&self) -> bool {
        matches!(self.marker, 0xC0..=0xC2) && self.precision == 8
    }

    fn read(marker: u8, body: &[u8]) -> Option<Self> {
        let sampling = body.get(6..)?.chunks_exact(3).take(usize::from(*body.get(5)?));
        Some(Self {
            marker,
            precision: *body.first()?,
            height: bytes::be16(body, 1)?.into(),
            width: bytes::be16(body, 3)?.into(),
            sampling: sampling
                .filter_map(|component| component.get(1))
                .map(|factors| (factors >> 4, factors & 0x0F))
                .collect(),
        })
    }
}

/// The costs of decoding besides the size of the picture.
pub(in crate::picture) struct Survey {
    pub(in crate::picture) frame: Frame,
    pub(in crate::picture) scans: u32,
    /// Application data, of which the decoder keeps copies.
    pub(in crate::picture) metadata: usize,
}

pub(in crate::picture) fn header(file: &[u8]) -> Result<Header, PictureError> {
    let mut orientation = None;
    let mut frame = None;
    for segment in Segments::of(file) {
        let segment = segment?;
        if segment.marker == SCAN {
            break;
        }
        if let (APP1, Some(tiff), None) = (segment.marker, segment.body.strip_prefix(EXIF), orientation) {
            orientation = Some(Orientation::from_exif(tiff));
        }
        if segment.is_frame() && frame.is_none() {
            frame = Frame::read(segment.marker, segment.body);
        }
    }
    let Frame { width, height, .. } = frame.ok_or_else(no_frame)?;
    let orientation = orientation.unwrap_or(Orientation::UPRIGHT);
    Ok(Header { kind: Kind::Jpeg, width, height, orientation })
}

pub(in crate::picture) fn survey(file: &[u8]) -> Result<Survey, PictureError> {
    let (mut frame, mut scans, mut metadata) = (None, 0, 0);
    for segment in Segments::of(file) {
        let segment = segment?;
        match segment.marker {
            SCAN => scans += 1,
            0xE0..=0xEF => metadata += segment.body.len(),
            _ if segment.is_frame() && frame.is_none() => {
                frame = Frame::read(segment.marker, segment.body);
            }
            _ => {}
        }
    }
    Ok(Survey { frame: frame.ok_or_else(no_frame)?, scans, metadata })
}

pub(in crate::picture) fn clean(file: &[u8], orientation: Orientation) -> Result<Vec<u8>, PictureError> {
    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(&[0xFF, START]);
    let mut exif_due = orientation != Orientation::UPRIGHT;
    for segment in Segments::of(file) {
        let segment = segment?;
        // Readers want JFIF first, and EXIF before everything else.
        let is_jfif = segment.marker == APP0 && segment.body.starts_with(b"JFIF\0");
        if exif_due && !is_jfif {
            let block = orientation.to_exif();
            write(&mut out, APP1, &[EXIF, block.as_slice()].concat());
            exif_due = false;
        }
        if let Some(body) = kept(&segment, is_jfif) {
            write(&mut out, segment.marker, &body);
            out.extend_from_slice(segment.coded);
        }
    }
    out.extend_from_slice(&[0xFF, END]);
    Ok(out)
}

/// The part of a segment that stays, if any.
fn kept<'a>(segment: &Segment<'a>, is_jfif: bool) -> Option<std::borrow::Cow<'a, [u8]>> {
    let body = segment.body;
    match segment.marker {
        // Version, density, and a thumbnail of no size.
        APP0 if is_jfif => Some([body.get(..12)?, &[0, 0]].concat().into()),
        APP2 if body.starts_with(ICC) => Some(body.into()),
        APP14 if body.starts_with(b"Adobe") => Some(body.get(..12)?.into()),
        // Frames and tables, scans, DQT, DNL, DRI.
        0xC0..=0xCF | SCAN | 0xDB..=0xDD => Some(body.into()),
        _ => None,
    }
}

fn write(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    // A body came out of a length field of 16 bits, or is one of the short ones written here.
    let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
    out.extend_from_slice(&[0xFF, marker]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(body);
}

fn no_frame() -> PictureError {
    PictureError::unreadable("it has no frame header")
}
