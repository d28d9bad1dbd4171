//! The curves by which samples are coded, where that is not the curve of sRGB.
//!
//! Each sample is looked up in a table as its row comes, before anything is added up or laid on white: as viewers do, which
//! convert first. Sixteen bits become eight by it, so that dark parts of linear pictures keep their steps.

use super::rows::Layout;

/// A curve: from a coded sample to light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Curve {
    /// That of sRGB, or one that screens show as that.
    Srgb,
    /// A power of the sample.
    Power(f64),
    /// SMPTE ST 2084, by which light of up to 10,000 cd/m² is coded.
    Pq,
    /// Hybrid log-gamma of ITU-R BT.2100, on a screen of 1,000 cd/m².
    Hlg,
}

/// The white of a page in pictures of high dynamic range, in cd/m² (ITU-R BT.2408), and the brightest light of most of them.
const WHITE: f64 = 203.0;
const BRIGHTEST: f64 = 1000.0;

impl Curve {
    /// By its number in ITU-T H.273. `None` for those that no PNG has, and for one that is not known.
    pub(super) fn of_standard(number: u8) -> Option<Self> {
        match number {
            // Those of television are shown like that of sRGB, by the same screens.
            1 | 6 | 13 | 14 | 15 => Some(Self::Srgb),
            4 => Some(Self::Power(2.2)),
            5 => Some(Self::Power(2.8)),
            8 => Some(Self::Power(1.0)),
            16 => Some(Self::Pq),
            18 => Some(Self::Hlg),
            _ => None,
        }
    }

    /// The light of a sample, from 0 to 1, where 1 is the white of a screen.
    fn light(self, sample: f64) -> f64 {
        match self {
            Self::Srgb if sample <= 0.040_45 => sample / 12.92,
            Self::Srgb => ((sample + 0.055) / 1.055).powf(2.4),
            Self::Power(power) => sample.powf(power),
            Self::Pq => {
                let root = sample.powf(1.0 / 78.843_75);
                let part = (root - 0.835_937_5).max(0.0) / (18.851_562_5 - 18.6875 * root);
                dimmed(10_000.0 * part.powf(1.0 / 0.159_301_757_812_5))
            }
            Self::Hlg => {
                let scene = if sample <= 0.5 {
                    sample * sample / 3.0
                } else {
                    (((sample - 0.559_910_73) / 0.178_832_77).exp() + 0.284_668_92) / 12.0
                };
                dimmed(BRIGHTEST * scene.powf(1.2))
            }
        }
    }
}

/// Light of so many cd/m² on a screen that shows less: Reinhard's curve, extended so that the brightest becomes white.
fn dimmed(light: f64) -> f64 {
    let (light, most) = (light / WHITE, BRIGHTEST / WHITE);
    (light * (1.0 + light / (most * most)) / (1.0 + light)).min(1.0)
}

/// The samples of a picture, as those of sRGB.
pub(super) struct Tones {
    /// For each sample of eight bits, or of sixteen.
    table: Vec<u8>,
    row: Vec<u8>,
}

impl Tones {
    /// `is_full`: false if black and white are 16 and 235, as in television. `None` if nothing would change.
    pub(super) fn of(curve: Curve, is_full: bool, is_deep: bool) -> Option<Self> {
        if curve == Curve::Srgb && is_full {
            return None;
        }
        let most: u16 = if is_deep { u16::MAX } else { u8::MAX.into() };
        let range = if is_deep { 256.0 } else { 1.0 };
        let (black, white) = if is_full { (0.0, f64::from(most)) } else { (16.0 * range, 235.0 * range) };
        let tone = |sample: u16| {
            to_srgb(curve.light(((f64::from(sample) - black) / (white - black)).clamp(0.0, 1.0)))
        };
        Some(Self { table: (0..=most).map(tone).collect(), row: Vec::new() })
    }

    /// A row of this layout, of eight bits a sample.
    pub(super) fn row(&mut self, layout: Layout, samples: &[u8]) -> &[u8] {
        let channels = layout.bytes_per_pixel();
        let colours =
            if matches!(layout, Layout::GrayAlpha | Layout::Rgba) { channels - 1 } else { channels };
        let is_deep = self.table.len() > 256;
        self.row.clear();
        for pixel in samples.chunks_exact(if is_deep { 2 * channels } else { channels }) {
            for (channel, sample) in pixel.chunks_exact(if is_deep { 2 } else { 1 }).enumerate() {
                let high = sample.first().copied().unwrap_or_default();
                let place = sample.iter().fold(0, |place, byte| place << 8 | usize::from(*byte));
                self.row.push(if channel < colours {
                    self.table.get(place).copied().unwrap_or(high)
                } else {
                    high
                });
            }
        }
        &self.row
    }

    /// True if samples of sixteen bits are looked up.
    pub(super) fn are_deep(&self) -> bool {
        self.table.len() > 256
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "light is from 0 to 1")]
fn to_srgb(light: f64) -> u8 {
    let sample = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (255.0 * sample).round() as u8
}
