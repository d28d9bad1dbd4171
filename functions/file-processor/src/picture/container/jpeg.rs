//! The segments of a JPEG.
//!
//! Kept are the tables, the frame, the scans, the JFIF header without its thumbnail, the Adobe
//! marker (without it the colours are wrong) and the numbers of the colour profile. Whatever follows the end of
//! the image (motion pictures, depth maps, archives) is not even looked at.

use millwright_domain::picture::Coding;

use super::segments::{APP0, APP1, APP2, APP14, END, SCAN, START, Segment, Segments};
use crate::picture::bytes;
use crate::picture::error::PictureError;
use crate::picture::header::{Header, Kind};
use crate::picture::orientation::Orientation;
use crate::picture::profile::harmless;

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const JFIF: &[u8] = b"JFIF\0";
const ADOBE: &[u8] = b"Adobe";
/// The most of a profile that fits one segment, behind its name, its number and their count.
const ICC_PIECE: usize = 65_519;

/// The frame header, as far as decoding is concerned.
pub(in crate::picture) struct Frame {
    marker: u8,
    precision: u8,
    pub(in crate::picture) width: u32,
    pub(in crate::picture) height: u32,
    /// The number that each component has.
    pub(in crate::picture) components: Vec<u8>,
    /// Sampling factors of each component: horizontal, vertical.
    pub(in crate::picture) sampling: Vec<(u8, u8)>,
}

impl Frame {
    pub(in crate::picture) fn is_progressive(&self) -> bool {
        self.marker == 0xC2
    }

    /// The coding, as far as memory is concerned.
    pub(in crate::picture) fn coding(&self) -> Coding {
        let most = |factor: fn(&(u8, u8)) -> u8| self.sampling.iter().map(factor).max().unwrap_or(1).max(1);
        let unit = u32::from(most(|(across, _)| *across)) * u32::from(most(|(_, down)| *down));
        let samples: u32 =
            self.sampling.iter().map(|(across, down)| u32::from(*across) * u32::from(*down)).sum();
        if !self.is_progressive() {
            Coding::Baseline
        } else if self.components.len() > 3 {
            Coding::ProgressiveInk
        } else if 2 * samples <= 3 * unit {
            Coding::ProgressiveSubsampled
        } else {
            Coding::Progressive
        }
    }

    /// True for the variants that are decoded.
    pub(in crate::picture) fn is_common(&self) -> bool {
        matches!(self.marker, 0xC0..=0xC2) && self.precision == 8
    }

    fn read(marker: u8, body: &[u8]) -> Option<Self> {
        let components = body.get(6..)?.chunks_exact(3).take(usize::from(*body.get(5)?));
        Some(Self {
            marker,
            precision: *body.first()?,
            height: bytes::be16(body, 1)?.into(),
            width: bytes::be16(body, 3)?.into(),
            components: components.clone().filter_map(|component| component.first().copied()).collect(),
            sampling: components
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
    /// True if it is a JFIF file.
    pub(in crate::picture) is_jfif: bool,
    /// The change of colours that Adobe's marker tells, if it has one.
    pub(in crate::picture) adobe: Option<u8>,
    /// Application data, of which the decoder keeps copies.
    pub(in crate::picture) metadata: usize,
    /// False if the mark of its end is missing, so that it may lack more than that.
    pub(in crate::picture) is_closed: bool,
    /// True if the scans that have begun bring every coefficient of every component.
    pub(in crate::picture) brings_all: bool,
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
    let mut brought = Vec::new();
    let (mut is_jfif, mut adobe) = (false, None);
    let mut segments = Segments::of(file);
    for segment in segments.by_ref() {
        let segment = segment?;
        match segment.marker {
            SCAN => {
                scans += 1;
                brought.extend(brings(segment.body).unwrap_or_default());
            }
            0xE0..=0xEF => {
                metadata += segment.body.len();
                is_jfif |= segment.marker == APP0 && segment.body.starts_with(JFIF);
                if segment.marker == APP14 && segment.body.starts_with(ADOBE) {
                    adobe = segment.body.get(11).copied();
                }
            }
            _ if segment.is_frame() && frame.is_none() => {
                frame = Frame::read(segment.marker, segment.body);
            }
            _ => {}
        }
    }
    let is_closed = segments.is_closed();
    let frame = frame.ok_or_else(no_frame)?;
    let all_of = |id: &u8| brought.iter().filter(|(of, _)| of == id).fold(0, |all, (_, some)| all | some);
    let brings_all = frame.components.iter().all(|id| all_of(id) == u64::MAX);
    Ok(Survey { frame, scans, is_jfif, adobe, metadata, is_closed, brings_all })
}

/// The coefficients that a scan brings to their last bit: those of which components, a bit for each.
fn brings(scan: &[u8]) -> Option<Vec<(u8, u64)>> {
    let (count, rest) = scan.split_first()?;
    let (components, rest) = rest.split_at_checked(2 * usize::from(*count))?;
    let [first, last, approximation] = bytes::array(rest, 0)?;
    let bits = (u64::MAX << first.min(63)) & (u64::MAX >> (63 - last.min(63)));
    let is_exact = approximation % 16 == 0;
    Some(
        components
            .chunks_exact(2)
            .filter_map(|one| Some((*one.first()?, if is_exact { bits } else { 0 })))
            .collect(),
    )
}

/// The numbers of its colour profile, which comes in pieces.
pub(in crate::picture) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    let segments = Segments::of(file).map_while(Result::ok).take_while(|segment| segment.marker != SCAN);
    let mut pieces: Vec<_> = segments
        .filter(|segment| segment.marker == APP2)
        .filter_map(|segment| segment.body.strip_prefix(ICC)?.split_at_checked(2))
        .collect();
    pieces.sort_by_key(|(place, _)| *place);
    harmless(&pieces.into_iter().map(|(_, piece)| piece).collect::<Vec<_>>().concat())
}

pub(in crate::picture) fn clean(file: &[u8], orientation: Orientation) -> Result<Vec<u8>, PictureError> {
    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(&[0xFF, START]);
    let mut is_described = false;
    for segment in Segments::of(file) {
        let segment = segment?;
        // Readers want JFIF first, and EXIF before everything else.
        let is_jfif = segment.marker == APP0 && segment.body.starts_with(JFIF);
        if !is_described && !is_jfif {
            describe(&mut out, file, orientation);
            is_described = true;
        }
        if let Some(body) = kept(&segment, is_jfif) {
            write(&mut out, segment.marker, &body);
            out.extend_from_slice(segment.coded);
        }
    }
    out.extend_from_slice(&[0xFF, END]);
    Ok(out)
}

/// Writes what a viewer has to know before the pixels.
fn describe(out: &mut Vec<u8>, file: &[u8], orientation: Orientation) {
    if orientation != Orientation::UPRIGHT {
        write(out, APP1, &[EXIF, orientation.to_exif().as_slice()].concat());
    }
    let profile = profile(file).unwrap_or_default();
    let count = u8::try_from(profile.len().div_ceil(ICC_PIECE)).unwrap_or(u8::MAX);
    for (number, piece) in (1..=count).zip(profile.chunks(ICC_PIECE)) {
        write(out, APP2, &[ICC, &[number, count], piece].concat());
    }
}

/// The part of a segment that stays, if any.
fn kept<'a>(segment: &Segment<'a>, is_jfif: bool) -> Option<std::borrow::Cow<'a, [u8]>> {
    let body = segment.body;
    match segment.marker {
        // Version, density, and a thumbnail of no size.
        APP0 if is_jfif => Some([body.get(..12)?, &[0, 0]].concat().into()),
        APP14 if body.starts_with(ADOBE) => Some(body.get(..12)?.into()),
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
