//! From coded to decoded pixels, no larger than the renditions need and never past the budget.

use super::budget::MemoryBudget;
use super::colour::ToSrgb;
use super::error::PictureError;
use super::header::Header;
use super::pixels::Pixels;
use super::rendition::Targets;

pub(super) mod jpeg;
pub(super) mod png;
pub(super) mod webp;

/// A decoded picture, and the way from its colours to sRGB, if they are others.
pub(super) struct Decoded {
    pub(super) pixels: Pixels,
    pub(super) colours: Option<ToSrgb>,
}

/// By how much a picture may be divided in either direction before a rendition would show it.
fn largest_step(header: &Header, targets: &Targets) -> u32 {
    let enough = |step: &u32| {
        let (width, height) = scaled(header, *step);
        targets.met_by(width, height)
    };
    [8, 4, 2].into_iter().find(enough).unwrap_or(1)
}

/// The divisor to decode by. Where memory does not allow the one that serves, a greater one is tried: renditions become
/// smaller rather than missing.
fn affordable_step(
    header: &Header,
    targets: &Targets,
    fits: impl Fn(u32) -> Result<(), PictureError>,
) -> Result<u32, PictureError> {
    let wanted = largest_step(header, targets);
    let mut greater = [2, 4, 8].into_iter().filter(|step| *step > wanted);
    match fits(wanted) {
        Ok(()) => Ok(wanted),
        Err(refusal) => greater.find(|step| fits(*step).is_ok()).ok_or(refusal),
    }
}

/// The size that a picture has when it is divided so.
fn scaled(header: &Header, step: u32) -> (u32, u32) {
    (header.width.div_ceil(step), header.height.div_ceil(step))
}

/// Refuses a picture if decoding it (`decoding` bytes) or making its renditions from
/// `width × height` decoded pixels would not fit beside the input.
fn check(
    input: &[u8],
    header: &Header,
    (width, height): (u32, u32),
    targets: &Targets,
    decoding: u64,
    budget: MemoryBudget,
) -> Result<(), PictureError> {
    let rendering = targets.bytes_to_make(width, height);
    budget.check(header, input.len() as u64 + decoding.max(rendering))
}
