//! Hostile bytes get an answer, too, and in a moment. The answer itself is another file's
//! question; here it only has to come back.

use super::samples::{self, exif, exif_segment};
use super::{PictureError, process};
use crate::picture::{MemoryBudget, clean, inspect, render};

/// Every function on the bytes, whatever the one before it said.
fn exercise(file: &[u8]) {
    if let Ok(header) = inspect(file) {
        let _ = clean(file, &header);
        let _ = render(file, &header, MemoryBudget::PER_PICTURE);
    }
}

fn victims() -> Vec<Vec<u8>> {
    let size = (70, 50);
    let plain = samples::webp(size.0, size.1);
    let frame_header = [0, 0, 0, 0, 0, 0, 69, 0, 0, 49, 0, 0, 100, 0, 0, 0];
    let frame = [&frame_header, samples::webp_chunks(&plain)].concat();
    let animation = [samples::webp_chunk(*b"ANIM", &[0; 6]), samples::webp_chunk(*b"ANMF", &frame)].concat();
    let png_chunks = [samples::png_chunk(*b"eXIf", &exif(5, false))];
    vec![
        samples::with_segments(&samples::jpeg(size.0, size.1), &[exif_segment(6)]),
        samples::progressive(size.0, size.1),
        samples::with_chunks(&samples::png(size.0, size.1), &png_chunks),
        plain,
        samples::webp_extended(size, 0x02, &animation),
        super::kinds::lossy_transparent(),
    ]
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for file in victims() {
        assert!(process(&file).is_ok());
        for part in 0..50 {
            let cut = &file[..file.len() * part / 50];
            exercise(cut);
            // Only the mark of its end, checksums or a few last bytes are missing: that is put right where no pixel is lost.
            let end = if file.starts_with(b"\x89PNG") { 20 } else { 8 };
            if !file.starts_with(&[0xFF, 0xD8]) && cut.len() + end >= file.len() {
                continue;
            }
            let refusal = process(cut).unwrap_err();
            assert!(!matches!(refusal, PictureError::TooLarge { .. }), "{refusal}");
        }
    }
}

#[test]
fn flipped_bits_do_not_panic() {
    let mut random = Random(0x5EED);
    for file in victims() {
        for round in 0..334 {
            let mut damaged = file.clone();
            // Every other round in the headers, where the sizes are.
            let reach = if round % 2 == 0 { file.len() } else { file.len().min(120) };
            for _ in 0..=random.below(4) {
                damaged[random.below(reach)] ^= 1 << random.below(8);
            }
            exercise(&damaged);
        }
    }
}

#[test]
fn one_kind_behind_the_header_of_another() {
    let files = victims();
    for head in &files {
        for tail in &files {
            exercise(&[&head[..head.len() / 2], tail.as_slice()].concat());
            exercise(&[&head[..20], tail.as_slice()].concat());
        }
    }
}

/// A linear congruential generator: the same damage in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % bound
    }
}
