//! Pictures that other programs have written, and the colours in which those show them (`tests/pictures/generate.py`).

use std::collections::BTreeMap;
use std::path::Path;

use super::{process, samples};
use crate::picture::{MemoryBudget, render};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/pictures");

pub(super) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(FIXTURES).join(name)).unwrap()
}

/// The middles of three by two patches.
fn patches(jpeg: &[u8]) -> Vec<[u8; 3]> {
    let middle = |at: u8| (f64::from(at % 3) / 3.0 + 1.0 / 6.0, f64::from(at / 3) / 2.0 + 0.25);
    (0..6).map(middle).map(|(across, down)| samples::color_at(jpeg, across, down)).collect()
}

fn assert_near(shown: &[[u8; 3]], expected: &[[u8; 3]], name: &str) {
    let differences = shown.iter().flatten().zip(expected.iter().flatten());
    let most = differences.map(|(shown, expected)| shown.abs_diff(*expected)).max().unwrap();
    assert!(most <= 4, "{name}: {shown:?} instead of {expected:?}");
}

#[test]
fn pictures_of_other_programs_have_the_colours_in_which_those_show_them() {
    let all: BTreeMap<String, Vec<[u8; 3]>> = serde_json::from_slice(&fixture("shown.json")).unwrap();
    assert_eq!(all.len(), std::fs::read_dir(FIXTURES).unwrap().count() - 1);
    for (name, expected) in all {
        let (header, clean, renditions) =
            process(&fixture(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_near(&patches(&renditions.display.jpeg), &expected, &name);
        // The clean copy says what the original said of its colours.
        let again = render(&clean, &header, MemoryBudget::PER_PICTURE).unwrap();
        assert_eq!(again, renditions, "{name}");
    }
}

/// In several scans, and at a fraction of its size.
#[test]
fn inks_are_light_however_they_are_coded() {
    let ink = |width: usize, height: usize| [20, 180, 200, 10].repeat(width * height);
    for (color, is_progressive) in [
        (jpeg_encoder::ColorType::Cmyk, true),
        (jpeg_encoder::ColorType::CmykAsYcck, false),
        (jpeg_encoder::ColorType::CmykAsYcck, true),
    ] {
        let file = samples::jpeg_of(&ink(4000, 40), (4000, 40), color, is_progressive);
        let display = process(&file).unwrap().2.display;
        assert_near(&[samples::color_at(&display.jpeg, 0.5, 0.5)], &[[226, 72, 53]], "ink");
    }
}
