//! The reasons why bytes become no picture.

/// The reason why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The first bytes are not those of a JPEG, PNG or `WebP`.
    #[error("not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// It begins like a picture, but it is damaged, cut short or of a variant that is not read.
    #[error("the picture cannot be read: {reason}")]
    Unreadable {
        /// In plain words, for the admin's list.
        reason: String,
    },
    /// A good picture as far as is known, but decoding it would take more than the budget.
    #[error("the picture of {width}×{height} pixels is too large to decode")]
    TooLarge {
        /// Pixels across, as stored.
        width: u32,
        /// Pixels down, as stored.
        height: u32,
    },
}

impl PictureError {
    pub(super) fn unreadable(reason: impl Into<String>) -> Self {
        Self::Unreadable { reason: reason.into() }
    }

    pub(super) fn cut_short() -> Self {
        Self::unreadable("the file is cut short")
    }
}
