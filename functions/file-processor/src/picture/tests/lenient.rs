//! What no viewer minds is put right in the clean copy; what is missing or wrong in the picture itself is not.

use super::foreign::fixture;
use super::process;
use super::samples::{self, contains};
use crate::picture::inspect;

const PHYS: [u8; 9] = [0, 0, 11, 19, 0, 0, 11, 19, 1];

fn victims() -> [Vec<u8>; 2] {
    [samples::jpeg(200, 120), samples::progressive(200, 120)]
}

#[test]
fn a_jpeg_without_the_mark_of_its_end_gets_it() {
    for whole in victims() {
        let expected = process(&whole).unwrap();
        for missing in [1, 2] {
            let (_, clean, renditions) = process(&whole[..whole.len() - missing]).unwrap();
            assert!(clean == expected.1 && clean.ends_with(&[0xFF, 0xD9]));
            assert!(renditions == expected.2);
        }
    }
}

#[test]
fn a_jpeg_that_lacks_more_than_that_is_cut_short() {
    let [baseline, _] = victims();
    for part in 2..20 {
        let cut = &baseline[..baseline.len() * part / 20];
        let refusal = process(cut).unwrap_err().to_string();
        assert!(refusal.contains("cut short"), "{part}: {refusal}");
    }
    // A progressive one has all its pixels early, and breaks off between two scans or within one.
    let progressive = samples::progressive(200, 120);
    let scans = progressive.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]);
    for (at, _) in scans.skip(1) {
        for cut in [at, at - 3, at + 14] {
            let refusal = process(&progressive[..cut]).unwrap_err().to_string();
            assert!(refusal.contains("cut short"), "{cut}: {refusal}");
        }
    }
    let missing = process(&baseline[..baseline.len() - 40]).unwrap_err().to_string();
    assert!(missing.contains("cut short"), "{missing}");
}

/// The end has 12 bytes, and before it are two checksums, of four bytes each, which no pixel depends on.
#[test]
fn a_png_without_its_end_gets_it() {
    let whole = samples::png(200, 120);
    let expected = process(&whole).unwrap();
    for missing in 1..=20 {
        let (_, clean, renditions) = process(&whole[..whole.len() - missing]).unwrap();
        assert!(renditions == expected.2 && (missing > 16 || clean == whole), "{missing}");
        assert_eq!(process(&clean).unwrap().2, expected.2, "{missing}");
    }
    for missing in [24, 40, 200] {
        let refusal = process(&whole[..whole.len() - missing]).unwrap_err().to_string();
        assert!(refusal.contains("cut short"), "{missing}: {refusal}");
    }
}

#[test]
fn what_follows_the_pixels_may_be_cut() {
    let whole = samples::png(200, 120);
    let end = whole.len() - 12;
    let comment = samples::png_chunk(*b"tEXt", b"Comment\0SECRET words");
    let followed = [&whole[..end], &comment, &whole[end..]].concat();
    for missing in 12..comment.len() + 12 {
        assert!(process(&followed[..followed.len() - missing]).unwrap().1 == whole, "{missing}");
    }
    // An animation of which frames are missing is the picture that it begins with.
    let start = [samples::png_chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])];
    let frame = samples::png_chunk(*b"fdAT", &[0; 100]);
    let animated = samples::with_chunks(&[&whole[..end], &frame, &whole[end..]].concat(), &start);
    assert!(contains(&process(&animated).unwrap().1, b"acTL"));
    assert!(process(&animated[..animated.len() - 20]).unwrap().1 == whole);
}

#[test]
fn a_webp_may_lack_the_bytes_that_only_end_it() {
    let whole = fixture("lossy.webp");
    let expected = process(&whole).unwrap();
    for missing in 1..=2 {
        let (_, clean, renditions) = process(&whole[..whole.len() - missing]).unwrap();
        assert!(renditions == expected.2, "{missing}");
        assert_eq!(clean.len(), whole.len());
        assert_eq!(process(&clean).unwrap().2, expected.2, "{missing}");
    }
    for name in ["lossy.webp", "lossless.webp"] {
        let whole = fixture(name);
        for missing in [9, 12, 30] {
            let refusal = process(&whole[..whole.len() - missing]).unwrap_err().to_string();
            assert!(refusal.contains("cut short"), "{name}, {missing}: {refusal}");
        }
    }
}

#[test]
fn what_follows_the_picture_of_a_webp_may_be_cut() {
    let whole = fixture("exif.webp");
    let (_, clean, expected) = process(&whole).unwrap();
    let exif = whole.windows(4).rposition(|name| name == b"EXIF").unwrap();
    for end in exif - 1..whole.len() {
        let (_, again, renditions) = process(&whole[..end]).unwrap();
        assert!(again == clean && renditions == expected, "{end}");
    }
    // Of an animation the first frame is shown.
    let animated = fixture("animated.webp");
    let frames: Vec<_> = animated.windows(4).enumerate().filter(|(_, name)| *name == b"ANMF").collect();
    let (second, expected) = (frames[1].0, process(&animated).unwrap().2);
    for end in [second, second + 3, second + 12, animated.len() - 9] {
        assert!(process(&animated[..end]).unwrap().2 == expected, "{end}");
    }
    assert!(process(&animated[..second - 2]).is_err());
}

/// The places of the chunks of a PNG that have this name.
fn chunks(png: &[u8], name: &[u8]) -> Vec<usize> {
    png.windows(4).enumerate().filter(|(_, window)| *window == name).map(|(at, _)| at - 4).collect()
}

#[test]
fn every_checksum_of_a_png_is_looked_at() {
    let whole = samples::with_chunks(&samples::png(200, 120), &[samples::png_chunk(*b"pHYs", &PHYS)]);
    for (name, is_needed) in [(b"IHDR", true), (b"pHYs", false), (b"IDAT", true)] {
        let at = *chunks(&whole, name).last().unwrap();
        let length = u32::from_be_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
        let mut damaged = whole.clone();
        damaged[at + 8 + length + 3] ^= 1;
        match (process(&damaged), is_needed) {
            (Err(refusal), true) => assert!(refusal.to_string().contains("checksum"), "{refusal}"),
            (Ok((_, clean, _)), false) => assert!(!contains(&clean, name) && inspect(&clean).is_ok()),
            (other, _) => panic!("{name:?}: {:?}", other.map(|made| made.0)),
        }
    }
}

#[test]
fn nothing_hides_in_the_small_chunks_of_a_png() {
    let plain = samples::png(20, 12);
    let hidden = [b"sBIT", b"pHYs", b"gAMA", b"cHRM", b"bKGD", b"cLLI", b"tRNS", b"iCCP"]
        .map(|name| samples::png_chunk(*name, &samples::SECRET.repeat(50)));
    let twice = [1_u8, 2].map(|unit| samples::png_chunk(*b"pHYs", &[0, 0, 11, 19, 0, 0, 11, 19, unit]));
    let dressed = samples::with_chunks(&plain, &[hidden.concat(), twice.concat()]);
    let header = inspect(&dressed).unwrap();
    let clean = crate::picture::clean(&dressed, &header).unwrap();
    assert_eq!(clean, samples::with_chunks(&plain, &twice[..1]));
    let mut longer = plain.clone();
    let end = longer.len() - 12;
    longer.splice(end.., samples::png_chunk(*b"IEND", samples::SECRET));
    assert_eq!(process(&longer).unwrap().1, plain);
}
