//! From the colours of a picture's profile to sRGB, which is what a picture without a profile has.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};

use super::pixels::Pixels;

/// The way from a picture's colours to those of its renditions.
pub(super) struct ToSrgb {
    transform: Arc<Transform8BitExecutor>,
    is_gray: bool,
}

impl ToSrgb {
    /// By a harmless profile. `None` if there is nothing to convert by: ink has become light without it already.
    pub(super) fn by(profile: &[u8]) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        let (layout, is_gray) = match profile.color_space {
            DataColorSpace::Rgb => (Layout::Rgb, false),
            DataColorSpace::Gray => (Layout::Gray, true),
            _ => return None,
        };
        let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
        let transform = profile.create_transform_8bit(layout, &srgb, Layout::Rgb, options).ok()?;
        Some(Self { transform, is_gray })
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
