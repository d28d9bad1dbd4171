//! The variants of each kind: colour types, depths, interlacing, transparency, animation.

use jpeg_encoder::ColorType;
use png::{BitDepth, ColorType as PngColor};

use super::process;
use super::samples::{self, color_at, is_green, is_red};
use crate::picture::{Kind, PictureError, Rendition, inspect};

fn assert_scene(file: &[u8]) {
    let (_, _, renditions) = process(file).unwrap();
    assert_corners(&renditions.display);
    assert_corners(&renditions.thumbnail);
}

fn assert_corners(rendition: &Rendition) {
    assert!(is_red(color_at(&rendition.jpeg, 0.05, 0.1)));
    assert!(is_green(color_at(&rendition.jpeg, 0.95, 0.1)));
}

#[test]
fn what_is_no_picture() {
    let others = [b"".as_slice(), b"%PDF-1.7", b"GIF89a", b"RIFF\x04\0\0\0WAVE", b"\xFF\xD8"];
    for other in others {
        assert_eq!(inspect(other), Err(PictureError::NotAPicture));
    }
    assert_eq!(inspect(&samples::jpeg(8, 8)).unwrap().kind, Kind::Jpeg);
    assert_eq!(inspect(&samples::png(8, 8)).unwrap().kind, Kind::Png);
    assert_eq!(inspect(&samples::webp(8, 8)).unwrap().kind, Kind::WebP);
}

#[test]
fn a_jpeg_of_every_colour_type() {
    let rgb = samples::scene(64, 64);
    assert_scene(&samples::jpeg(64, 64));
    assert_scene(&samples::progressive(64, 64));
    // Ink without black is the opposite of light.
    let ink = rgb
        .chunks_exact(3)
        .flat_map(|pixel| [255 - pixel[0], 255 - pixel[1], 255 - pixel[2], 0])
        .collect::<Vec<_>>();
    assert_scene(&samples::jpeg_of(&ink, (64, 64), ColorType::Cmyk, false));
    assert_scene(&samples::jpeg_of(&ink, (64, 64), ColorType::CmykAsYcck, false));

    let gray = samples::jpeg_of(&[77; 64 * 64], (64, 64), ColorType::Luma, false);
    let (_, _, renditions) = process(&gray).unwrap();
    assert!(color_at(&renditions.display.jpeg, 0.5, 0.5).iter().all(|v| v.abs_diff(77) < 4));
}

#[test]
fn a_scaled_jpeg_keeps_its_colours() {
    for file in [samples::jpeg(4000, 420), samples::progressive(4000, 420)] {
        assert_corners(&process(&file).unwrap().2.display);
    }
}

#[test]
fn a_png_of_every_depth_and_colour_type() {
    let rgb = samples::scene(64, 64);
    assert_scene(&samples::png(64, 64));
    assert_corners(&process(&samples::png(4000, 420)).unwrap().2.display);

    let deep = rgb.iter().flat_map(|sample| [*sample, 0x5A]).collect::<Vec<_>>();
    assert_scene(&samples::png_of(&deep, (64, 64), PngColor::Rgb, BitDepth::Sixteen, |_| {}));

    // Two bits a pixel: red, white and green from a palette.
    let row = [0, 0, 0, 0, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55]
        .into_iter()
        .chain([0xAA; 4])
        .collect::<Vec<u8>>();
    let palette = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_palette(vec![230, 20, 20, 255, 255, 255, 20, 200, 20]);
    };
    let indexed = samples::png_of(&row.repeat(64), (64, 64), PngColor::Indexed, BitDepth::Two, palette);
    assert_scene(&indexed);

    let gray = samples::png_of(&[0x0F; 512], (64, 64), PngColor::Grayscale, BitDepth::One, |_| {});
    assert!(process(&gray).is_ok());
}

#[test]
fn transparency_becomes_white() {
    let (mut rgba, mut gray) = (Vec::new(), Vec::new());
    for pixel in samples::scene(64, 64).chunks_exact(3) {
        rgba.extend_from_slice(&[pixel[0], pixel[1], pixel[2], 0]);
        gray.extend_from_slice(&[pixel[0], 0]);
    }
    let depth = BitDepth::Eight;
    let files = [
        samples::png_of(&rgba, (64, 64), PngColor::Rgba, depth, |_| {}),
        samples::png_of(&gray, (64, 64), PngColor::GrayscaleAlpha, depth, |_| {}),
        samples::webp_of(&rgba, (64, 64), image_webp::ColorType::Rgba8),
    ];
    for file in files {
        let (_, _, renditions) = process(&file).unwrap();
        assert!(color_at(&renditions.display.jpeg, 0.1, 0.1).iter().all(|v| *v > 250));
    }
}

/// Adam7 by hand: a picture of one pixel is its first pass.
#[test]
fn an_interlaced_png() {
    let mut png = samples::png_of(&[200; 3], (1, 1), PngColor::Rgb, BitDepth::Eight, |_| {});
    let header = samples::png_chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 1]);
    png.splice(8..33, header);
    let (_, _, renditions) = process(&png).unwrap();
    assert!(color_at(&renditions.display.jpeg, 0.0, 0.0).iter().all(|v| v.abs_diff(200) < 4));
}

#[test]
fn webp_lossless_lossy_and_the_first_frame() {
    assert_scene(&samples::webp(64, 64));

    let opaque = samples::webp_chunk(*b"RIFF", &[b"WEBP".as_slice(), &lossy_chunk()].concat());
    let (header, _, renditions) = process(&opaque).unwrap();
    assert_eq!((header.width, header.height), (2, 2));
    assert!(is_red(color_at(&renditions.thumbnail.jpeg, 0.5, 0.5)));

    let (_, _, renditions) = process(&lossy_transparent()).unwrap();
    assert!(color_at(&renditions.thumbnail.jpeg, 0.5, 0.5).iter().all(|v| *v > 250));

    assert_scene(&animated());
}

/// A red picture of 2×2 in the lossy coding, which no encoder here writes.
fn lossy_chunk() -> Vec<u8> {
    let coded = [
        0xd0, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x02, 0x00, 0x02, 0x00, 0x02, 0x00, 0x34, 0x25, 0xa0, 0x02, 0x74,
        0xba, 0x01, 0xf8, 0x00, 0x03, 0xb0, 0x00, 0xfe, 0xf0, 0xc4, 0x0b, 0xff, 0x20, 0xb9, 0x61, 0x75, 0xc8,
        0xd7, 0xff, 0x20, 0x3f, 0xe4, 0x07, 0xfc, 0x80, 0xff, 0xf8, 0xf2, 0x00, 0x00, 0x00,
    ];
    samples::webp_chunk(*b"VP8 ", &coded)
}

/// The same, wholly transparent; the transparency is stored plainly.
pub(super) fn lossy_transparent() -> Vec<u8> {
    let alpha = samples::webp_chunk(*b"ALPH", &[0; 5]);
    samples::webp_extended((2, 2), 0x10, &[alpha, lossy_chunk()].concat())
}

/// Two frames, the second one black.
fn animated() -> Vec<u8> {
    let frame = |still: &[u8]| {
        let header = [0, 0, 0, 0, 0, 0, 63, 0, 0, 63, 0, 0, 100, 0, 0, 0];
        samples::webp_chunk(*b"ANMF", &[&header, samples::webp_chunks(still)].concat())
    };
    let black = samples::webp_of(&[0; 64 * 64 * 3], (64, 64), image_webp::ColorType::Rgb8);
    let start = samples::webp_chunk(*b"ANIM", &[0; 6]);
    let chunks = [start, frame(&samples::webp(64, 64)), frame(&black)].concat();
    samples::webp_extended((64, 64), 0x02, &chunks)
}

#[test]
fn jpeg_variants_that_are_not_decoded_say_so() {
    let mut lossless = samples::jpeg(16, 16);
    let frame = lossless.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    lossless[frame + 1] = 0xC3;
    let refusal = process(&lossless).unwrap_err().to_string();
    assert!(refusal.contains("variant that is not supported"), "{refusal}");

    let mut bomb = samples::progressive(16, 16);
    let scan = bomb.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let end = bomb.len() - 2;
    let scans = bomb[scan..end].repeat(200);
    bomb.splice(scan..end, scans);
    let refusal = process(&bomb).unwrap_err().to_string();
    assert!(refusal.contains("more scans"), "{refusal}");
}
