//! A decoded picture: three bytes a pixel, row after row, transparency already on white.

/// RGB, eight bits a sample; `rgb` holds `width × height × 3` bytes.
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rgb: Vec<u8>,
}

impl Pixels {
    /// The pixel there; black outside, which a caller within the picture never sees.
    pub(super) fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let index = (y as usize * self.width as usize + x as usize) * 3;
        super::bytes::array(&self.rgb, index).unwrap_or_default()
    }
}

/// One sample over white.
pub(super) fn on_white(sample: u8, alpha: u8) -> u8 {
    let over = u16::from(sample) * u16::from(alpha) + 255 * u16::from(255 - alpha);
    u8::try_from((over + 127) / 255).unwrap_or(u8::MAX)
}
