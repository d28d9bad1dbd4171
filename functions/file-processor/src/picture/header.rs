//! A picture before a pixel is decoded.

use super::orientation::Orientation;

/// The kinds of picture that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Baseline, extended sequential and progressive JPEG, eight bits a sample.
    Jpeg,
    /// PNG of every colour type and depth, interlaced or not; of an animation the default picture.
    Png,
    /// `WebP`, lossy or lossless; of an animation the first frame.
    WebP,
}

/// The facts of a picture that are known before a pixel is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The kind, told by the bytes and never by the client.
    pub kind: Kind,
    /// Pixels across, as stored.
    pub width: u32,
    /// Pixels down, as stored.
    pub height: u32,
    /// The turn that makes the stored picture stand upright.
    pub orientation: Orientation,
}

impl Header {
    /// Width and height as a person sees them.
    #[must_use]
    pub fn upright_size(&self) -> (u32, u32) {
        self.orientation.turned_size(self.width, self.height)
    }

    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}
