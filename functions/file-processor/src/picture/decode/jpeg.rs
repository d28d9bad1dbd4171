//! JPEG: decoded at an eighth, a quarter, a half or the whole of its size.
//!
//! The smallest that serves is taken. A progressive file needs all its coefficients at once, at
//! the full size, whatever the scale.

use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};
use sha2::{Digest, Sha256};

use super::{Decoded, affordable_step, check, scaled};
use crate::picture::budget::{MemoryBudget, within};
use crate::picture::colour::{FromInk, Space, ToSrgb};
use crate::picture::container::jpeg::{Frame, Survey, profile, survey};
use crate::picture::error::PictureError;
use crate::picture::header::Header;
use crate::picture::pixels::Pixels;
use crate::picture::rendition::Targets;

/// Each scan visits every block, and an empty one costs a few bytes: without a bound, a small
/// file is hours of work. Encoders write about ten.
const MOST_SCANS: u32 = 100;
/// The table by which inks are converted, which has a place for every mixture of them.
const INK_TABLE: u64 = 2 * 1024 * 1024;

/// What is put behind a file that lacks the mark of its end. The decoder reads on in it only if more is missing.
const END: &[u8] = &[0xFF, 0xD9];
const OTHER_END: &[u8] = b"\xA5\x3C\x96\x5A\xC3\x69\xA5\x3C\x96\x5A\xC3\x69\xFF\xD9";

pub(in crate::picture) fn decode(
    file: &[u8],
    header: &Header,
    targets: &Targets,
    budget: MemoryBudget,
) -> Result<Decoded, PictureError> {
    let survey = survey(file)?;
    if !survey.frame.is_common() {
        return Err(PictureError::unreadable("it is of a JPEG variant that is not supported"));
    }
    if survey.scans > MOST_SCANS {
        return Err(PictureError::unreadable("it has more scans than a camera would write"));
    }
    within(header, survey.frame.coding())?;
    let table = if survey.frame.components.len() > 3 { INK_TABLE } else { 0 };
    let step = affordable_step(header, targets, |step| {
        let copy = if survey.is_closed { 0 } else { file.len() as u64 };
        let needed = bytes_to_decode(&survey.frame, step) + survey.metadata as u64 + copy + table;
        check(file, header, scaled(header, step), targets, needed, budget)
    })?;

    let profile = profile(file);
    let profile = profile.as_deref();
    let (ink, colours) = match survey.frame.components.len() {
        4 => (profile.and_then(FromInk::by), None),
        1 => (None, profile.and_then(|profile| ToSrgb::by(profile, Space::Gray))),
        _ => (None, profile.and_then(|profile| ToSrgb::by(profile, Space::Rgb))),
    };
    let way = Way { step, stored: stored(&survey), ink: ink.as_ref() };
    if survey.is_closed {
        return Ok(Decoded { pixels: samples(file, header, &way)?, colours });
    }
    if !survey.brings_all {
        return Err(PictureError::cut_short());
    }
    // All pixels are there if they do not depend on what follows.
    let end = file.iter().rposition(|byte| *byte != 0xFF).map_or(0, |last| last + 1);
    let file = file.get(..end).unwrap_or_default();
    let hash = |pixels: &Pixels| Sha256::digest(&pixels.rgb);
    let one = samples(&[file, OTHER_END].concat(), header, &way).map(|pixels| hash(&pixels));
    let pixels = samples(&[file, END].concat(), header, &way);
    match (one, pixels) {
        (Ok(one), Ok(pixels)) if one == hash(&pixels) => Ok(Decoded { pixels, colours }),
        _ => Err(PictureError::cut_short()),
    }
}

/// The way from coded data to pixels.
struct Way<'a> {
    step: u32,
    stored: Option<ColorTransform>,
    ink: Option<&'a FromInk>,
}

/// What the components are, by the rules of libjpeg, which every viewer follows. The decoder has others of its own, and
/// finds out by itself what is not said here.
fn stored(survey: &Survey) -> Option<ColorTransform> {
    match (survey.frame.components.as_slice(), survey.is_jfif, survey.adobe) {
        ([_, _, _], false, Some(0)) | ([b'R', b'G', b'B'], false, None) => Some(ColorTransform::RGB),
        ([_, _, _], _, _) => Some(ColorTransform::YCbCr),
        ([_, _, _, _], _, Some(0) | None) => Some(ColorTransform::CMYK),
        ([_, _, _, _], _, Some(_)) => Some(ColorTransform::YCCK),
        _ => None,
    }
}

fn samples(file: &[u8], header: &Header, way: &Way<'_>) -> Result<Pixels, PictureError> {
    let mut decoder = Decoder::new(file);
    if let Some(stored) = way.stored {
        decoder.set_color_transform(stored);
    }
    let (width, height) = scaled(header, way.step);
    // The decoder is content when one side is reached; on the long side that decides the scale.
    let (ask_width, ask_height) = if header.width >= header.height {
        (width, u32::from(u16::MAX))
    } else {
        (u32::from(u16::MAX), height)
    };
    let ask = |side: u32| u16::try_from(side).unwrap_or(u16::MAX);
    decoder.scale(ask(ask_width), ask(ask_height)).map_err(|error| unreadable(&error))?;
    let info = decoder.info().ok_or_else(PictureError::cut_short)?;
    if (u32::from(info.width), u32::from(info.height)) != (width, height) {
        return Err(PictureError::unreadable("its sizes contradict each other"));
    }
    let samples = decoder.decode().map_err(|error| unreadable(&error))?;
    drop(decoder);
    Ok(Pixels { width, height, rgb: to_rgb(samples, info.pixel_format, way.ink) })
}

/// The decoder's planes and coefficients, and the pixels they become.
fn bytes_to_decode(frame: &Frame, step: u32) -> u64 {
    let most =
        |factor: fn(&(u8, u8)) -> u8| u64::from(frame.sampling.iter().map(factor).max().unwrap_or(1).max(1));
    let units = u64::from(frame.width).div_ceil(8 * most(|(across, _)| *across))
        * u64::from(frame.height).div_ceil(8 * most(|(_, down)| *down));
    let blocks = frame
        .sampling
        .iter()
        .map(|(across, down)| units * u64::from(*across) * u64::from(*down))
        .sum::<u64>();

    let side = u64::from(8 / step);
    let planes = blocks * side * side;
    let coefficients = if frame.is_progressive() { blocks * 64 * 2 } else { 0 };
    let pixels = u64::from(frame.width.div_ceil(step)) * u64::from(frame.height.div_ceil(step));
    // One component becomes three only when the planes are gone.
    let channels = (frame.sampling.len() as u64).max(3);
    planes + coefficients + pixels * channels
}

fn to_rgb(samples: Vec<u8>, format: PixelFormat, ink: Option<&FromInk>) -> Vec<u8> {
    match format {
        PixelFormat::RGB24 => samples,
        PixelFormat::CMYK32 => match ink {
            Some(ink) => ink.to_rgb(samples),
            None => ink_to_light(samples),
        },
        // Sixteen bits occur only in the lossless process, which is not decoded.
        PixelFormat::L8 | PixelFormat::L16 => {
            let mut rgb = Vec::with_capacity(samples.len() * 3);
            rgb.extend(samples.iter().flat_map(|gray| [*gray; 3]));
            rgb
        }
    }
}

/// CMYK to RGB without a profile, in place.
fn ink_to_light(mut samples: Vec<u8>) -> Vec<u8> {
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        let Some([c, m, y, k]) = crate::picture::bytes::array(&samples, pixel * 4) else {
            break;
        };
        let light = |ink: u8| {
            let light = u16::from(255 - ink) * u16::from(255 - k) / 255;
            u8::try_from(light).unwrap_or(u8::MAX)
        };
        if let Some(rgb) = samples.get_mut(pixel * 3..pixel * 3 + 3) {
            rgb.copy_from_slice(&[light(c), light(m), light(y)]);
        }
    }
    samples.truncate(pixels * 3);
    samples
}

fn unreadable(error: &jpeg_decoder::Error) -> PictureError {
    PictureError::unreadable(format!("damaged JPEG data ({error})"))
}
