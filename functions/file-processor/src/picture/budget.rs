//! The memory that one picture may take, and the two limits that memory does not show.
//!
//! An isolate has 128 MB for everything in it, and a queue's batch runs beside HTTP requests; a
//! picture gets less than half of that, a large one half.

use super::error::PictureError;
use super::header::Header;

const MIB: u64 = 1024 * 1024;
/// Above this a picture is one of the large ones, which are rare and get more room.
const LARGE: u64 = 16_000_000;
/// A bound on time rather than on memory: rows that are read one by one cost little memory, and a
/// few megabytes of zeros inflate to gigabytes of them.
const MOST_PIXELS: u64 = 128_000_000;
/// The decoders count lines of blocks in 16 bits; this is also libjpeg's limit.
const LONGEST_SIDE: u32 = 65_500;

/// The most memory one call may hold at a time, in bytes: the input, the decoder's buffers, the
/// pixels and the renditions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryBudget(u64);

impl MemoryBudget {
    /// A budget of so many bytes.
    #[must_use]
    pub const fn of_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// 48 MiB, and 64 MiB for a picture of more than 16 megapixels.
    #[must_use]
    pub fn for_picture(header: &Header) -> Self {
        if header.pixels() > LARGE { Self(64 * MIB) } else { Self(48 * MIB) }
    }

    pub(super) fn holds(self, bytes: u64) -> bool {
        bytes <= self.0
    }

    /// Refuses a picture that needs more than the budget or is past the fixed limits.
    pub(super) fn check(self, header: &Header, needed: u64) -> Result<(), PictureError> {
        let Header { width, height, .. } = *header;
        if self.holds(needed) && width.max(height) <= LONGEST_SIDE && header.pixels() <= MOST_PIXELS {
            Ok(())
        } else {
            Err(PictureError::TooLarge { width, height })
        }
    }
}
