//! How large a picture may be to have renditions: what clients are told, and what the file processor holds to.

use crate::attachment::FileKind;

/// The longest side of a picture that has renditions, in pixels. Decoders count lines of blocks in 16 bits.
pub const MAX_RENDERED_SIDE: u32 = 65_500;

/// A way of coding pixels. It decides how many of them have to be held in memory at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// JPEG, row after row, as cameras write it.
    Baseline,
    /// JPEG in several scans over all of the picture, with its colours at half their resolution in both directions.
    ProgressiveSubsampled,
    /// Any other JPEG in several scans, of light.
    Progressive,
    /// JPEG in several scans, of the four inks of a press.
    ProgressiveInk,
    /// PNG, row after row.
    Rows,
    /// PNG in several passes over all of the picture.
    Interlaced,
    /// WebP as photos have it.
    Lossy,
    /// The same with transparency.
    LossyTransparent,
    /// WebP as drawings and screenshots have it.
    Lossless,
    /// The same with transparency.
    LosslessTransparent,
    /// WebP of several frames.
    Animated,
}

impl Coding {
    /// The codings of a kind of file.
    #[must_use]
    pub fn of(kind: FileKind) -> &'static [Self] {
        match kind {
            FileKind::Jpeg => {
                &[Self::Baseline, Self::ProgressiveSubsampled, Self::Progressive, Self::ProgressiveInk]
            }
            FileKind::Png => &[Self::Rows, Self::Interlaced],
            FileKind::Webp => &[
                Self::Lossy,
                Self::LossyTransparent,
                Self::Lossless,
                Self::LosslessTransparent,
                Self::Animated,
            ],
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::ProgressiveSubsampled => "progressive_subsampled",
            Self::Progressive => "progressive",
            Self::ProgressiveInk => "progressive_ink",
            Self::Rows => "rows",
            Self::Interlaced => "interlaced",
            Self::Lossy => "lossy",
            Self::LossyTransparent => "lossy_transparent",
            Self::Lossless => "lossless",
            Self::LosslessTransparent => "lossless_transparent",
            Self::Animated => "animated",
        }
    }

    /// The most pixels of a picture that has renditions. Each is what the memory of one picture allows; where rows
    /// come one by one it is time that ends, since a few megabytes of zeros inflate to gigabytes of them.
    #[must_use]
    pub fn max_pixels(self) -> u64 {
        match self {
            Self::Baseline | Self::Rows => 128_000_000,
            Self::ProgressiveSubsampled => 25_000_000,
            Self::Progressive => 12_500_000,
            Self::Interlaced => 19_000_000,
            Self::Lossy | Self::LosslessTransparent => 13_000_000,
            Self::LossyTransparent => 6_000_000,
            Self::Lossless | Self::ProgressiveInk => 8_000_000,
            Self::Animated => 3_500_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_of_phones_have_renditions_however_they_are_coded() {
        let phone = 4032 * 3024;
        for coding in [Coding::Baseline, Coding::Progressive, Coding::Rows, Coding::Interlaced, Coding::Lossy]
        {
            assert!(coding.max_pixels() >= phone, "{coding:?}");
        }
        assert!(Coding::ProgressiveSubsampled.max_pixels() >= 6048 * 4032);
    }

    #[test]
    fn each_coding_has_a_word_of_its_own() {
        let all: Vec<_> =
            FileKind::ALL.into_iter().flat_map(Coding::of).map(|coding| coding.word()).collect();
        assert_eq!(all.len(), 11);
        assert!(all.iter().all(|word| all.iter().filter(|other| *other == word).count() == 1), "{all:?}");
    }
}
