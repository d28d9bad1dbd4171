//! Every orientation: both renditions stand upright, and the clean original still says how.

use super::samples::{self, color_at, exif, exif_segment, is_green, is_red};
use super::{Header, process};
use crate::picture::{Orientation, inspect};

/// The places where the first stored row's first (red) and last (green) corner belong, from the EXIF
/// standard's table; as `(right, bottom)`.
const CORNERS: [((bool, bool), (bool, bool)); 8] = [
    ((false, false), (true, false)),
    ((true, false), (false, false)),
    ((true, true), (false, true)),
    ((false, true), (true, true)),
    ((false, false), (false, true)),
    ((true, false), (true, true)),
    ((true, true), (true, false)),
    ((false, true), (false, false)),
];

fn assert_upright(file: &[u8], orientation: u16) {
    let (header, clean, renditions) = process(file).unwrap();
    let turned = orientation >= 5;
    assert_eq!(u16::from(header.orientation.tag()), orientation);
    assert_eq!(header.upright_size(), if turned { (240, 320) } else { (320, 240) });
    assert_eq!(inspect(&clean), Ok(header), "a clean original keeps what is known of it");

    let (red, green) = CORNERS[usize::from(orientation) - 1];
    let display = &renditions.display;
    assert_eq!((display.width, display.height), header.upright_size());
    assert_eq!((renditions.thumbnail.width, renditions.thumbnail.height), (200, 200));
    for rendition in [display, &renditions.thumbnail] {
        // The square thumbnail crops an eighth of the long side, so look inside of that.
        let place = |(right, bottom): (bool, bool)| {
            let fraction = |far| if far { 0.92 } else { 0.08 };
            color_at(&rendition.jpeg, fraction(right), fraction(bottom))
        };
        assert!(is_red(place(red)), "orientation {orientation}: {:?}", place(red));
        assert!(is_green(place(green)), "orientation {orientation}: {:?}", place(green));
    }
}

#[test]
fn every_orientation_of_a_jpeg() {
    for orientation in 1..=8 {
        let plain = samples::jpeg(320, 240);
        assert_upright(&samples::with_segments(&plain, &[exif_segment(orientation)]), orientation);
    }
}

#[test]
fn every_orientation_of_a_png_and_a_webp() {
    for orientation in 1..=8 {
        let block = exif(orientation, orientation % 2 == 0);
        let chunk = samples::png_chunk(*b"eXIf", &block);
        assert_upright(&samples::with_chunks(&samples::png(320, 240), &[chunk]), orientation);

        let plain = samples::webp(320, 240);
        let chunks = [samples::webp_chunks(&plain), &samples::webp_chunk(*b"EXIF", &block)].concat();
        assert_upright(&samples::webp_extended((320, 240), 0x08, &chunks), orientation);
    }
}

#[test]
fn a_turned_picture_fits_the_display_box_as_it_is_seen() {
    let file = samples::with_segments(&samples::jpeg(2000, 700), &[exif_segment(6)]);
    let (_, _, renditions) = process(&file).unwrap();
    assert_eq!((renditions.display.width, renditions.display.height), (378, 1080));
}

#[test]
fn an_orientation_that_is_none_turns_nothing() {
    let plain = samples::jpeg(32, 24);
    let upright = |header: Header| header.orientation == Orientation::UPRIGHT;
    for value in [0, 9, 0xFFFF] {
        let file = samples::with_segments(&plain, &[exif_segment(value)]);
        assert!(upright(inspect(&file).unwrap()));
    }
    let block = exif_segment(6).1;
    for length in 6..block.len() {
        let file = samples::with_segments(&plain, &[(0xE1, block[..length].to_vec())]);
        assert!(inspect(&file).is_ok());
    }
}
