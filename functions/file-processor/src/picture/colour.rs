//! From the colours of a picture to sRGB, which is what a picture has that says nothing of them.

use std::sync::Arc;

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace, Layout,
    MatrixCoefficients, TransferCharacteristics, Transform8BitExecutor, TransformOptions,
};

use super::pixels::Pixels;

/// What the samples of a picture are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Gray,
    Rgb,
}

/// The way from a picture's colours to those of its renditions.
pub(super) struct ToSrgb {
    transform: Arc<Transform8BitExecutor>,
    is_gray: bool,
}

impl ToSrgb {
    /// By a harmless profile. `None` if it is none of such samples: it says nothing about them then.
    pub(super) fn by(profile: &[u8], space: Space) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        match (profile.color_space, space) {
            (DataColorSpace::Rgb, _) => Self::from(&profile, Layout::Rgb),
            (DataColorSpace::Gray, Space::Gray) => Self::from(&profile, Layout::Gray),
            _ => None,
        }
    }

    /// By the places of white, red, green and blue, as x and y. The samples have the curve of sRGB.
    pub(super) fn of_lights([white, red, green, blue]: [[f64; 2]; 4]) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "they have five digits")]
        let place = |[x, y]: [f64; 2]| Chromaticity::new(x as f32, y as f32);
        // Three in a line make no colours, and without light there is none to adapt to.
        let [ax, ay, bx, by] = [green[0] - red[0], green[1] - red[1], blue[0] - red[0], blue[1] - red[1]];
        let are_lights = [white, red, green, blue].iter().flatten().all(|part| (0.0..=1.0).contains(part))
            && white[1] > 0.05
            && [red, green, blue].iter().all(|light| light[1] > 0.001)
            && (ax * by - ay * bx).abs() > 0.01;
        if !are_lights {
            return None;
        }
        let mut profile = ColorProfile::new_srgb();
        let lights = ColorPrimaries { red: place(red), green: place(green), blue: place(blue) };
        profile.update_rgb_colorimetry(place(white).to_xyyb(), lights);
        Self::from(&profile, Layout::Rgb)
    }

    /// By the number of ITU-T H.273 that the lights have. The samples have the curve of sRGB.
    pub(super) fn of_standard(lights: u8) -> Option<Self> {
        let profile = ColorProfile::new_from_cicp(CicpProfile {
            color_primaries: CicpColorPrimaries::try_from(lights).ok()?,
            transfer_characteristics: TransferCharacteristics::Srgb,
            matrix_coefficients: MatrixCoefficients::Identity,
            full_range: true,
        });
        Self::from(&profile, Layout::Rgb)
    }

    fn from(profile: &ColorProfile, layout: Layout) -> Option<Self> {
        let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
        let transform = profile.create_transform_8bit(layout, &srgb, Layout::Rgb, options).ok()?;
        Some(Self { transform, is_gray: layout == Layout::Gray })
    }

    /// Converts a picture in place. What cannot be converted stays as it is, as viewers show it.
    pub(super) fn convert(&self, pixels: &mut Pixels) {
        let mut before = Vec::new();
        for row in pixels.rgb.chunks_exact_mut((pixels.width as usize * 3).max(1)) {
            before.clear();
            before.extend(row.iter().step_by(if self.is_gray { 3 } else { 1 }));
            if self.transform.transform(&before, row).is_err() {
                return;
            }
        }
    }
}

/// The way from the inks of a press to sRGB.
pub(super) struct FromInk(Arc<Transform8BitExecutor>);

/// Pixels that are converted at a time.
const PIECE: usize = 4096;

impl FromInk {
    /// By a harmless profile. `None` if it is none of four inks.
    pub(super) fn by(profile: &[u8]) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        if profile.color_space != DataColorSpace::Cmyk {
            return None;
        }
        let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
        // Four samples a pixel: the layout is called after its size.
        profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, options).ok().map(Self)
    }

    /// Four samples a pixel become three, in place.
    pub(super) fn to_rgb(&self, mut samples: Vec<u8>) -> Vec<u8> {
        let pixels = samples.len() / 4;
        let mut inks = Vec::new();
        for start in (0..pixels).step_by(PIECE) {
            let end = pixels.min(start + PIECE);
            inks.clear();
            inks.extend_from_slice(samples.get(start * 4..end * 4).unwrap_or_default());
            let light = samples.get_mut(start * 3..end * 3).unwrap_or_default();
            // It fails by lengths alone, which are right.
            let _ = self.0.transform(&inks, light);
        }
        samples.truncate(pixels * 3);
        samples
    }
}
