//! Colours as a browser shows them: what is served without a profile has the colours of what was sent with one.

#![expect(clippy::cast_possible_truncation, reason = "the sizes of samples are small and known")]

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use png::{BitDepth, ColorType as PngColor};

use super::process;
use super::samples::{self, SECRET, color_at, contains};
use crate::picture::colour::{Space, ToSrgb};
use crate::picture::pixels::Pixels;
use crate::picture::profile::harmless;
use jpeg_encoder::ColorType;

/// Display P3 and Adobe RGB (1998), as their makers publish them: red, green and blue in XYZ, in 65536ths.
const P3: [[i32; 3]; 3] = [[33_759, 15_807, -69], [19_135, 45_367, 2_745], [10_296, 4_363, 51_385]];
const ADOBE: [[i32; 3]; 3] = [[39_960, 20_389, 1_276], [13_453, 41_004, 3_989], [9_777, 4_143, 48_796]];

/// The curve of sRGB by its parameters, a gamma of 2.2 and one of 1.8.
const SRGB_CURVE: &[u8] =
    b"para\0\0\0\0\0\x03\0\0\0\x02\x66\x66\0\0\xF2\xA7\0\0\x0D\x59\0\0\x13\xD0\0\0\x0A\x5B";
const GAMMA_22: &[u8] = b"curv\0\0\0\0\0\0\0\x01\x02\x33";
const GAMMA_18: &[u8] = b"curv\0\0\0\0\0\0\0\x01\x01\xCD";

/// A profile as programs write them: with a name, a copyright, a maker and a day.
fn profile(space: [u8; 4], tags: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let text = |name: &[u8; 4]| [b"text\0\0\0\0".as_slice(), SECRET, name, b"\0"].concat();
    let mut tags = tags.to_vec();
    tags.splice(1..1, [(*b"desc", text(b"desc")), (*b"cprt", text(b"cprt")), (*b"prVt", SECRET.to_vec())]);
    let mut header = vec![0; 128];
    for (at, said) in [(4, SECRET), (12, b"mntr"), (16, &space), (20, b"XYZ "), (24, SECRET), (36, b"acsp")] {
        header[at..at + said.len()].copy_from_slice(said);
    }
    header[8..12].copy_from_slice(&[4, 0x30, 0, 0]);
    header[48..54].copy_from_slice(SECRET);
    header[68..80].copy_from_slice(b"\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D");
    header[84..90].copy_from_slice(SECRET);
    let mut table = (tags.len() as u32).to_be_bytes().to_vec();
    let mut bodies = Vec::new();
    for (name, body) in &tags {
        let at = 132 + 12 * tags.len() + bodies.len();
        table.extend([*name, (at as u32).to_be_bytes(), (body.len() as u32).to_be_bytes()].concat());
        bodies.extend_from_slice(body);
        bodies.resize(bodies.len().next_multiple_of(4), 0);
    }
    let length = ((128 + table.len() + bodies.len()) as u32).to_be_bytes();
    header[..4].copy_from_slice(&length);
    [header, table, bodies].concat()
}

fn of_colours(colours: &[[i32; 3]; 3], curve: &[u8]) -> Vec<u8> {
    let xyz = |values: &[i32; 3]| {
        let numbers: Vec<_> = values.iter().flat_map(|value| value.to_be_bytes()).collect();
        [b"XYZ \0\0\0\0".as_slice(), &numbers].concat()
    };
    let names = [(*b"rXYZ", *b"rTRC"), (*b"gXYZ", *b"gTRC"), (*b"bXYZ", *b"bTRC")];
    let tags: Vec<_> = names
        .into_iter()
        .zip(colours)
        .flat_map(|((colour, curves), values)| [(colour, xyz(values)), (curves, curve.to_vec())])
        .collect();
    profile(*b"RGB ", &tags)
}

pub(super) fn p3() -> Vec<u8> {
    of_colours(&P3, SRGB_CURVE)
}

fn jpeg_with(profile: &[u8], rgb: [u8; 3]) -> Vec<u8> {
    let plain = samples::jpeg_of(&rgb.repeat(64 * 64), (64, 64), ColorType::Rgb, false);
    samples::with_segments(&plain, &jpeg_pieces(profile, profile.len()))
}

/// A profile in pieces, the last one first.
pub(super) fn jpeg_pieces(profile: &[u8], of: usize) -> Vec<(u8, Vec<u8>)> {
    let count = profile.len().div_ceil(of) as u8;
    let piece = |(number, piece): (u8, &[u8])| {
        (0xE2, [b"ICC_PROFILE\0".as_slice(), &[number, count], piece].concat())
    };
    let mut pieces: Vec<_> = (1..=count).zip(profile.chunks(of)).map(piece).collect();
    pieces.reverse();
    pieces
}

pub(super) fn png_profile(profile: &[u8]) -> Vec<u8> {
    let mut body = [SECRET, b"\0\0"].concat();
    ZlibEncoder::new(&mut body, Compression::default()).write_all(profile).unwrap();
    samples::png_chunk(*b"iCCP", &body)
}

fn png_with(profile: &[u8], rgb: [u8; 3]) -> Vec<u8> {
    let plain = samples::png_of(&rgb.repeat(64 * 64), (64, 64), PngColor::Rgb, BitDepth::Eight, |_| {});
    samples::with_chunks(&plain, &[png_profile(profile)])
}

fn webp_with(profile: &[u8], rgb: [u8; 3]) -> Vec<u8> {
    let plain = samples::webp_of(&rgb.repeat(64 * 64), (64, 64), image_webp::ColorType::Rgb8);
    let chunks = [&samples::webp_chunk(*b"ICCP", profile), samples::webp_chunks(&plain)].concat();
    samples::webp_extended((64, 64), 0x20, &chunks)
}

/// What is served is of this colour, and the clean copy still says how its own colours are meant.
fn assert_shown(file: &[u8], expected: [u8; 3]) {
    let (header, clean, renditions) = process(file).unwrap();
    let again = crate::picture::render(&clean, &header, crate::picture::MemoryBudget::PER_PICTURE).unwrap();
    for jpeg in [&renditions.display.jpeg, &renditions.thumbnail.jpeg, &again.display.jpeg] {
        let shown = color_at(jpeg, 0.5, 0.5);
        let is_near = shown.iter().zip(expected).all(|(shown, expected)| shown.abs_diff(expected) <= 4);
        assert!(is_near, "{shown:?} instead of {expected:?}");
    }
    assert!(!contains(&clean, SECRET));
}

/// The expected colours are those that `LittleCMS` converts to.
#[test]
fn pictures_of_phones_and_cameras_keep_their_colours() {
    for (profile, stored, expected) in [
        (p3(), [200, 100, 50], [215, 93, 31]),
        (p3(), [60, 160, 90], [0, 163, 82]),
        (p3(), [120, 120, 120], [120, 120, 120]),
        (of_colours(&ADOBE, GAMMA_22), [200, 100, 50], [227, 100, 42]),
        (of_colours(&ADOBE, GAMMA_22), [60, 160, 90], [0, 161, 85]),
    ] {
        assert_shown(&jpeg_with(&profile, stored), expected);
        assert_shown(&png_with(&profile, stored), expected);
        assert_shown(&webp_with(&profile, stored), expected);
    }
}

#[test]
fn a_profile_in_pieces_is_one() {
    let plain = samples::jpeg_of(&[200, 100, 50].repeat(64 * 64), (64, 64), ColorType::Rgb, false);
    assert_shown(&samples::with_segments(&plain, &jpeg_pieces(&p3(), 100)), [215, 93, 31]);
}

#[test]
fn gray_has_a_curve_of_its_own() {
    let profile = profile(*b"GRAY", &[(*b"kTRC", GAMMA_18.to_vec())]);
    let plain = samples::jpeg_of(&[120; 64 * 64], (64, 64), ColorType::Luma, false);
    assert_shown(&samples::with_segments(&plain, &jpeg_pieces(&profile, 60_000)), [139; 3]);
}

/// Of another kind of samples it says nothing.
#[test]
fn a_profile_of_gray_leaves_a_picture_its_colours() {
    assert_shown(
        &jpeg_with(&profile(*b"GRAY", &[(*b"kTRC", GAMMA_18.to_vec())]), [200, 100, 50]),
        [200, 100, 50],
    );
}

#[test]
fn a_profile_that_cannot_be_read_changes_nothing_and_is_left_out() {
    let whole = p3();
    let mut long_curve = whole.clone();
    let curve = whole.windows(4).position(|name| name == b"para").unwrap();
    long_curve[curve + 9] = 9;
    for broken in [&whole[..200], b"the profile", &long_curve] {
        let (_, clean, renditions) = process(&jpeg_with(broken, [200, 100, 50])).unwrap();
        assert!(!contains(&clean, b"ICC_PROFILE"));
        let shown = color_at(&renditions.display.jpeg, 0.5, 0.5);
        assert!(shown.iter().zip([200, 100, 50]).all(|(shown, stored)| shown.abs_diff(stored) <= 4));
    }
}

#[test]
fn nothing_hides_in_a_profile() {
    // Text in a tag of numbers, and behind the numbers of one.
    let said = [b"text\0\0\0\0".as_slice(), SECRET].concat();
    let hidden = profile(*b"GRAY", &[(*b"kTRC", [GAMMA_18, SECRET].concat()), (*b"wtpt", said)]);
    let once = harmless(&hidden).unwrap();
    assert!(!contains(&once, SECRET) && once.len() < 180, "{}", once.len());
    assert_eq!(harmless(&once), Some(once.clone()));
    let reserved = profile(*b"GRAY", &[(*b"kTRC", b"curvSECR\0\0\0\x01\x01\xCD".to_vec())]);
    assert_eq!(harmless(&reserved), None);
    // One curve for three colours is written once.
    assert!(harmless(&p3()).unwrap().len() < 350);
}

#[test]
fn damaged_profiles_do_not_panic() {
    let whole = p3();
    for at in 0..whole.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut damaged = whole.clone();
            damaged[at] = value;
            if let Some(colours) = harmless(&damaged).and_then(|harmless| ToSrgb::by(&harmless, Space::Rgb)) {
                colours.convert(&mut Pixels { width: 2, height: 1, rgb: vec![200, 100, 50, 0, 255, 9] });
            }
        }
    }
}
