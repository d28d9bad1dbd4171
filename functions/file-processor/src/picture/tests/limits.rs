//! The limits that clients are told are those that are held to: up to them there are renditions, past them none.

#![expect(clippy::cast_possible_truncation, reason = "the sizes of samples are small and known")]

use millwright_domain::picture::{Coding, MAX_RENDERED_SIDE};

use super::samples;
use crate::picture::{MemoryBudget, PictureError, inspect, render};

/// The longest file that is taken.
const LONGEST: usize = 5 * 1024 * 1024;

/// True if a picture is decoded, as far as there is something to decode.
fn is_tried(file: &[u8]) -> bool {
    let header = inspect(file).unwrap();
    !matches!(render(file, &header, MemoryBudget::PER_PICTURE), Err(PictureError::TooLarge { .. }))
}

/// Asks of a coding at its limit and past it. A file is made of a width and a height, and is as long as one may be.
fn assert_held(coding: Coding, make: impl Fn(u32, u32) -> Vec<u8>) {
    let most = coding.max_pixels();
    for width in [4_000, 3_839, 13_000] {
        let height = u32::try_from(most / u64::from(width)).unwrap();
        assert!(is_tried(&make(width, height)), "{coding:?}: {width}×{height}");
        assert!(!is_tried(&make(width, height + 1)), "{coding:?}: {width}×{} is more", height + 1);
    }
}

fn sized_jpeg(mut file: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    let frame = file.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC2])).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&(height as u16).to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&(width as u16).to_be_bytes());
    let metadata = (0xE1, vec![0; 60_000]);
    let mut file = samples::with_segments(&file, &vec![metadata; LONGEST / 60_010]);
    file.resize(LONGEST, 0);
    file
}

#[test]
fn of_jpeg() {
    let sampled = |factor, color| {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 85);
        encoder.set_progressive(true);
        encoder.set_sampling_factor(factor);
        let channels = match color {
            jpeg_encoder::ColorType::Cmyk => 4,
            jpeg_encoder::ColorType::Rgb => 3,
            _ => 1,
        };
        encoder.encode(&vec![9; 16 * 16 * channels], 16, 16, color).unwrap();
        file
    };
    let full = sampled(jpeg_encoder::SamplingFactor::F_1_1, jpeg_encoder::ColorType::Rgb);
    let half = sampled(jpeg_encoder::SamplingFactor::F_2_2, jpeg_encoder::ColorType::Rgb);
    let gray = sampled(jpeg_encoder::SamplingFactor::F_1_1, jpeg_encoder::ColorType::Luma);
    let ink = sampled(jpeg_encoder::SamplingFactor::F_1_1, jpeg_encoder::ColorType::Cmyk);
    assert_held(Coding::ProgressiveInk, |width, height| sized_jpeg(ink.clone(), width, height));
    assert_held(Coding::Progressive, |width, height| sized_jpeg(full.clone(), width, height));
    assert_held(Coding::ProgressiveSubsampled, |width, height| sized_jpeg(half.clone(), width, height));
    assert_held(Coding::ProgressiveSubsampled, |width, height| sized_jpeg(gray.clone(), width, height));
    assert_held(Coding::Baseline, |width, height| sized_jpeg(samples::jpeg(16, 16), width, height));
    assert!(is_tried(&sized_jpeg(samples::jpeg(16, 16), MAX_RENDERED_SIDE, 199)));
    assert!(!is_tried(&sized_jpeg(samples::jpeg(16, 16), MAX_RENDERED_SIDE + 1, 9)));
}

#[test]
fn of_png() {
    let make = |width: u32, height: u32, interlaced| {
        let sizes = [width.to_be_bytes(), height.to_be_bytes()].concat();
        let header = samples::png_chunk(*b"IHDR", &[sizes.as_slice(), &[8, 6, 0, 0, interlaced]].concat());
        let mut png = samples::png(16, 16);
        png.splice(8..33, header);
        png.resize(LONGEST, 0);
        png
    };
    assert_held(Coding::Rows, |width, height| make(width, height, 0));
    assert_held(Coding::Interlaced, |width, height| make(width, height, 1));
}

#[test]
fn of_webp() {
    let lossless = |alpha: u8| {
        move |width: u32, height: u32| {
            let packed = (width - 1) | (height - 1) << 14 | u32::from(alpha) << 28;
            let mut body = [[0x2F].as_slice(), &packed.to_le_bytes()].concat();
            body.resize(LONGEST - 100, 0);
            samples::webp_chunk(*b"VP8L", &body)
        }
    };
    let lossy = |width: u32, height: u32| {
        let size = [(width as u16).to_le_bytes(), (height as u16).to_le_bytes()].concat();
        let mut body = [&[0xD0, 1, 0, 0x9D, 1, 0x2A], size.as_slice()].concat();
        body.resize(LONGEST - 100, 0);
        samples::webp_chunk(*b"VP8 ", &body)
    };
    let file = |chunk: Vec<u8>| samples::webp_chunk(*b"RIFF", &[b"WEBP".as_slice(), &chunk].concat());
    assert_held(Coding::Lossy, |width, height| file(lossy(width, height)));
    assert_held(Coding::Lossless, |width, height| file(lossless(0)(width, height)));
    assert_held(Coding::LosslessTransparent, |width, height| file(lossless(1)(width, height)));
    assert_held(Coding::LossyTransparent, |width, height| {
        let chunks = [samples::webp_chunk(*b"ALPH", &[0; 5]), lossy(width, height)].concat();
        samples::webp_extended((width, height), 0x10, &chunks)
    });
    assert_held(Coding::Animated, |width, height| {
        let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
        let frame =
            [vec![0; 6], side(width), side(height), vec![100, 0, 0, 0], lossy(width, height)].concat();
        let chunks = [samples::webp_chunk(*b"ANIM", &[0; 6]), samples::webp_chunk(*b"ANMF", &frame)].concat();
        samples::webp_extended((width, height), 0x12, &chunks)
    });
}
