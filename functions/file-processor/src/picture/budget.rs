//! The memory that one picture may take, and the limits that are announced.
//!
//! An isolate has 128 MB for everything in it. Pictures are decoded one after the other, since nothing
//! waits in between; the rest is for the function itself and for what the bucket brings and takes.

use millwright_domain::picture::{Coding, MAX_RENDERED_SIDE};

use super::error::PictureError;
use super::header::Header;

const MIB: u64 = 1024 * 1024;

/// The most memory one call may hold at a time, in bytes: the input, the decoder's buffers, the
/// pixels and the renditions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryBudget(u64);

impl MemoryBudget {
    /// That of a picture. It holds every picture that [`Coding::max_pixels`] allows, of a file of at most 5 MiB.
    pub const PER_PICTURE: Self = Self(84 * MIB);

    /// A budget of so many bytes.
    #[must_use]
    pub const fn of_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Refuses a picture that needs more.
    pub(super) fn check(self, header: &Header, needed: u64) -> Result<(), PictureError> {
        if needed <= self.0 { Ok(()) } else { Err(too_large(header)) }
    }
}

/// Refuses a picture past the limits that clients are told.
pub(super) fn within(header: &Header, coding: Coding) -> Result<(), PictureError> {
    let side = header.width.max(header.height);
    if side <= MAX_RENDERED_SIDE && header.pixels() <= coding.max_pixels() {
        Ok(())
    } else {
        Err(too_large(header))
    }
}

fn too_large(header: &Header) -> PictureError {
    PictureError::TooLarge { width: header.width, height: header.height }
}
