//! The sizes of the renditions, and where a picture is refused as too large.

use super::{process, samples};
use crate::picture::{Header, MemoryBudget, PictureError, clean, inspect, render};

#[test]
fn the_display_rendition_fits_its_box_and_never_grows() {
    let cases = [
        ((1600, 1200), (1440, 1080)),
        ((1921, 1080), (1920, 1079)),
        ((1920, 1080), (1920, 1080)),
        ((500, 3000), (180, 1080)),
        ((6000, 40), (1920, 13)),
        ((40, 6000), (7, 1080)),
        ((9000, 2), (1920, 1)),
        ((1, 1), (1, 1)),
        ((3, 2), (3, 2)),
        ((1, 700), (1, 700)),
        ((17, 9), (17, 9)),
    ];
    for ((width, height), expected) in cases {
        let (header, _, renditions) = process(&samples::jpeg(width, height)).unwrap();
        assert_eq!(header.upright_size(), (width, height));
        let display = renditions.display;
        assert_eq!((display.width, display.height), expected, "{width}×{height}");
        assert_eq!(samples::decode_jpeg(&display.jpeg).0, expected);
        assert_eq!(samples::decode_jpeg(&renditions.thumbnail.jpeg).0, (200, 200));
    }
}

#[test]
fn the_other_kinds_make_the_same_sizes() {
    for (width, height) in [(1300, 1200), (900, 17), (1, 1), (2001, 333)] {
        let jpeg = process(&samples::jpeg(width, height)).unwrap().2;
        for file in [samples::png(width, height), samples::webp(width, height)] {
            let other = process(&file).unwrap().2;
            assert_eq!(other.display.width, jpeg.display.width);
            assert_eq!(other.display.height, jpeg.display.height);
            assert_eq!(samples::decode_jpeg(&other.thumbnail.jpeg).0, (200, 200));
        }
    }
}

#[test]
fn a_picture_past_the_budget_is_too_large_but_can_be_cleaned() {
    let files = [
        samples::jpeg(1500, 1000),
        samples::progressive(1500, 1000),
        samples::png(1500, 1000),
        samples::webp(1500, 1000),
    ];
    for file in files {
        let header = inspect(&file).unwrap();
        let Header { width, height, .. } = header;
        let refusal = render(&file, &header, MemoryBudget::of_bytes(2_000_000));
        assert_eq!(refusal, Err(PictureError::TooLarge { width, height }));
        assert!(clean(&file, &header).is_ok());
    }
}

#[test]
fn a_progressive_jpeg_shrinks_before_it_is_refused() {
    let file = samples::progressive(1600, 1200);
    let header = inspect(&file).unwrap();
    let (full, smaller) = (1u64 << 26, 16_000_000);
    let display =
        |budget| render(&file, &header, MemoryBudget::of_bytes(budget)).map(|made| made.display.width);
    assert_eq!(display(full), Ok(1440));
    assert_eq!(display(smaller), Ok(800));
}

/// Sizes that only the header claims: refused from the header alone.
#[test]
fn hostile_dimensions_are_refused_before_anything_is_allocated() {
    let mut jpeg = samples::jpeg(16, 16);
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);

    let mut png = samples::png(16, 16);
    png[16..24].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);

    let plain = samples::webp(16, 16);
    let webp = samples::webp_extended((1 << 24, 1 << 24), 0, samples::webp_chunks(&plain));

    for file in [jpeg, png, webp] {
        let header = inspect(&file).unwrap();
        let Header { width, height, .. } = header;
        let refusal = render(&file, &header, MemoryBudget::PER_PICTURE);
        assert_eq!(refusal, Err(PictureError::TooLarge { width, height }));
    }
}

/// The decoder would allocate by the inner size before comparing it with the outer one.
#[test]
fn a_webp_larger_inside_than_outside_is_unreadable() {
    let plain = samples::webp(600, 600);
    let file = samples::webp_extended((10, 10), 0, samples::webp_chunks(&plain));
    assert!(matches!(process(&file), Err(PictureError::Unreadable { .. })));
}
