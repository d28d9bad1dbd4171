//! `WebP`: decoded as a whole, since the format has no other way; of an animation the first frame.
//!
//! One cost is not known beforehand: the code tables of the lossless coding. They are in proportion
//! to the file and small in any real one, but a file made for it can blow them up to some two
//! hundred times its own length, and the decoder has no limit to set.

use std::io::{BufRead, Cursor, Seek};

use image_webp::{DecodingError, WebPDecoder};
use millwright_domain::picture::Coding;
use sha2::{Digest, Sha256};

use super::{Decoded, affordable_step, check, scaled};
use crate::picture::budget::{MemoryBudget, within};
use crate::picture::colour::{Space, ToSrgb};
use crate::picture::container::webp::{Clean, clean_filled, profile};
use crate::picture::error::PictureError;
use crate::picture::header::Header;
use crate::picture::orientation::Orientation;
use crate::picture::pixels::Pixels;
use crate::picture::rendition::Targets;
use crate::picture::rows::{Layout, Rows};

/// In the place of bytes that are missing, to see whether a pixel depends on them: not what the clean copy has there.
const OTHER_FILL: u8 = 0xA5;

pub(in crate::picture) fn decode(
    file: &[u8],
    header: &Header,
    targets: &Targets,
    budget: MemoryBudget,
) -> Result<Decoded, PictureError> {
    let fits = |step, bytes: u64| check(file, header, scaled(header, step), targets, bytes, budget);
    // Before even the copy: three bytes a pixel is the least that any file takes.
    within(header, Coding::Lossy)?;
    affordable_step(header, targets, |step| fits(step, header.pixels() * 3))?;

    // The clean copy holds no chunk, and no size, that was not looked at.
    let Clean { file: clean, is_filled } = clean_filled(file, Orientation::UPRIGHT, 0)?;
    let mut decoder = WebPDecoder::new(Cursor::new(&clean)).map_err(|e| unreadable(&e))?;
    if decoder.dimensions() != (header.width, header.height) {
        return Err(PictureError::unreadable("its sizes contradict each other"));
    }
    let layout = if decoder.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    within(header, coding(&mut decoder))?;
    let decoding = bytes_to_decode(&mut decoder, header) + 2 * clean.len() as u64;
    let step = affordable_step(header, targets, |step| {
        let small = scaled(header, step);
        let shrunken = u64::from(small.0) * u64::from(small.1) * 3;
        let shrinking = header.pixels() * layout.bytes_per_pixel() as u64 + shrunken;
        let copies = if is_filled { 2 } else { 1 };
        fits(step, decoding.max(shrinking) + copies * clean.len() as u64)
    })?;
    drop(decoder);

    let colours = profile(file).and_then(|profile| ToSrgb::by(&profile, Space::Rgb));
    if !is_filled {
        return Ok(Decoded { pixels: pixels(clean, header, layout, step)?, colours });
    }
    // All pixels are there if they do not depend on what is missing.
    let hash = |pixels: &Pixels| Sha256::digest(&pixels.rgb);
    let other = clean_filled(file, Orientation::UPRIGHT, OTHER_FILL)?.file;
    let other = pixels(other, header, layout, step).map(|pixels| hash(&pixels));
    match (other, pixels(clean, header, layout, step)) {
        (Ok(other), Ok(pixels)) if other == hash(&pixels) => Ok(Decoded { pixels, colours }),
        _ => Err(PictureError::cut_short()),
    }
}

fn pixels(clean: Vec<u8>, header: &Header, layout: Layout, step: u32) -> Result<Pixels, PictureError> {
    let mut decoder = WebPDecoder::new(Cursor::new(&clean)).map_err(|error| unreadable(&error))?;
    let size = decoder.output_buffer_size().ok_or_else(PictureError::cut_short)?;
    let mut samples = vec![0; size];
    decoder.read_image(&mut samples).map_err(|error| unreadable(&error))?;
    drop(decoder);
    drop(clean);
    if layout == Layout::Rgb && step == 1 {
        return Ok(Pixels { width: header.width, height: header.height, rgb: samples });
    }
    let mut rows = Rows::new(layout, (header.width, header.height), step);
    samples.chunks_exact(header.width as usize * layout.bytes_per_pixel()).for_each(|row| rows.push(row));
    Ok(rows.finish())
}

fn coding<R: BufRead + Seek>(decoder: &mut WebPDecoder<R>) -> Coding {
    match (decoder.is_animated(), decoder.is_lossy(), decoder.has_alpha()) {
        (true, _, _) => Coding::Animated,
        (false, true, false) => Coding::Lossy,
        (false, true, true) => Coding::LossyTransparent,
        (false, false, false) => Coding::Lossless,
        (false, false, true) => Coding::LosslessTransparent,
    }
}

/// The decoder's planes and buffers at their worst moment, in bytes.
fn bytes_to_decode<R: BufRead + Seek>(decoder: &mut WebPDecoder<R>, header: &Header) -> u64 {
    let alpha = decoder.has_alpha();
    let output = if alpha { 4 } else { 3 };
    // Half bytes per pixel. Lossy: one and a half bytes of planes, half a byte of block state;
    // transparency is a lossless picture of its own. Lossless: four bytes and the transforms.
    let halves = match (decoder.is_animated(), decoder.is_lossy()) {
        (true, _) => 2 * (4 + 4 + output) + 4 + 2 * 5,
        (false, true) => 2 * output + 4 + if alpha { 2 * 5 } else { 0 },
        (false, false) => 2 * output + if alpha { 2 } else { 2 * 5 },
    };
    header.pixels() * halves / 2
}

fn unreadable(error: &DecodingError) -> PictureError {
    PictureError::unreadable(format!("damaged WebP data ({error})"))
}
