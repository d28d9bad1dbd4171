//! Rows go in as a decoder hands them out, a smaller RGB picture comes out.
//!
//! The counterpart of a JPEG's scaled decoding for the kinds that have none: each block of
//! `step × step` pixels becomes its average, so that a large PNG never exists as a whole.

use super::pixels::{Pixels, on_white};

/// The layout of a row's samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
}

impl Layout {
    pub(super) fn bytes_per_pixel(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    fn rgb(self, pixel: &[u8]) -> [u8; 3] {
        match (self, pixel) {
            (Self::Gray, &[v]) => [v; 3],
            (Self::GrayAlpha, &[v, a]) => [on_white(v, a); 3],
            (Self::Rgb, &[r, g, b]) => [r, g, b],
            (Self::Rgba, &[r, g, b, a]) => [on_white(r, a), on_white(g, a), on_white(b, a)],
            _ => [0; 3],
        }
    }
}

/// Collects rows of one layout.
pub(super) struct Rows {
    layout: Layout,
    width: u32,
    step: u32,
    /// Sums of the blocks that the rows since the last full block began.
    sums: Vec<[u32; 3]>,
    pending: u32,
    out: Pixels,
}

impl Rows {
    pub(super) fn new(layout: Layout, (width, height): (u32, u32), step: u32) -> Self {
        let step = step.max(1);
        let (out_width, out_height) = (width.div_ceil(step), height.div_ceil(step));
        let size = out_width as usize * out_height as usize * 3;
        Self {
            layout,
            width,
            step,
            sums: vec![[0; 3]; if step > 1 { out_width as usize } else { 0 }],
            pending: 0,
            out: Pixels { width: out_width, height: 0, rgb: Vec::with_capacity(size) },
        }
    }

    /// Takes one row of `width` pixels.
    pub(super) fn push(&mut self, row: &[u8]) {
        let layout = self.layout;
        let pixels = row.chunks_exact(layout.bytes_per_pixel()).take(self.width as usize);
        if self.step == 1 {
            self.out.rgb.extend(pixels.flat_map(|pixel| layout.rgb(pixel)));
            self.out.height += 1;
            return;
        }
        let blocks = row.chunks(layout.bytes_per_pixel() * self.step as usize);
        for (sum, block) in self.sums.iter_mut().zip(blocks) {
            for pixel in block.chunks_exact(layout.bytes_per_pixel()) {
                for (sum, sample) in sum.iter_mut().zip(layout.rgb(pixel)) {
                    *sum += u32::from(sample);
                }
            }
        }
        self.pending += 1;
        if self.pending == self.step {
            self.flush();
        }
    }

    /// The picture, with the last block of rows even if it is not full.
    pub(super) fn finish(mut self) -> Pixels {
        if self.pending > 0 {
            self.flush();
        }
        self.out
    }

    fn flush(&mut self) {
        let mut left = self.width;
        for sum in &mut self.sums {
            let pixels = left.min(self.step) * self.pending;
            left = left.saturating_sub(self.step);
            for value in std::mem::take(sum) {
                let average = (value + pixels / 2) / pixels.max(1);
                self.out.rgb.push(u8::try_from(average).unwrap_or(u8::MAX));
            }
        }
        self.pending = 0;
        self.out.height += 1;
    }
}
