//! Nothing but the picture leaves: the original, cleaned, and both renditions.

use std::io::Cursor;

use super::process;
use super::samples::{self, LATITUDE, SECRET, contains, exif, exif_segment};
use crate::picture::inspect;

fn assert_nothing_leaks(file: &[u8]) -> Vec<u8> {
    assert!(contains(file, SECRET) && contains(file, &LATITUDE), "the sample is dressed");
    let (header, clean, renditions) = process(file).unwrap();
    for out in [&clean, &renditions.display.jpeg, &renditions.thumbnail.jpeg] {
        assert!(!contains(out, SECRET));
        assert!(!contains(out, &LATITUDE));
    }
    let again = crate::picture::clean(&clean, &header).unwrap();
    assert_eq!(again, clean, "cleaning twice changes nothing");
    assert_eq!(inspect(&clean), Ok(header));
    clean
}

fn dressed_jpeg(plain: &[u8], orientation: u16) -> Vec<u8> {
    let text = |prefix: &[u8]| [prefix, b" SECRET words"].concat();
    let thumbnail = [b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x02".as_slice(), SECRET].concat();
    let segments = [
        (0xE0, thumbnail),
        (0xE0, text(b"JFXX\0\x10")),
        exif_segment(orientation),
        (0xE1, text(b"http://ns.adobe.com/xap/1.0/\0")),
        (0xE2, text(b"MPF\0")),
        super::colours::jpeg_pieces(&super::colours::p3(), 60_000).remove(0),
        (0xE5, text(b"RMETA\0")),
        (0xED, text(b"Photoshop 3.0\x008BIM")),
        (0xFE, text(b"")),
    ];
    let trailer = [b"ftyp".as_slice(), SECRET, plain, &exif(1, false)].concat();
    [samples::with_segments(plain, &segments), trailer].concat()
}

#[test]
fn of_a_jpeg() {
    for orientation in [1, 6] {
        for plain in [samples::jpeg(200, 120), samples::progressive(200, 120)] {
            let clean = assert_nothing_leaks(&dressed_jpeg(&plain, orientation));
            assert!(contains(&clean, b"ICC_PROFILE"));
            assert_eq!(contains(&clean, b"Exif"), orientation != 1);
            assert_eq!(samples::decode_jpeg(&clean), samples::decode_jpeg(&plain));
        }
    }
}

#[test]
fn of_a_jpeg_between_its_scans() {
    let plain = samples::progressive(64, 64);
    let scans = plain.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]);
    let second = scans.map(|(at, _)| at).nth(1).unwrap();
    let comment = b"\xFF\xFE\0\x0ESECRET words";
    let file = [&plain[..second], comment, &plain[second..]].concat();
    let clean = assert_nothing_leaks(&samples::with_segments(&file, &[exif_segment(1)]));
    assert_eq!(samples::decode_jpeg(&clean), samples::decode_jpeg(&plain));
}

#[test]
fn of_a_png() {
    let plain = samples::png(200, 120);
    for orientation in [1, 8] {
        let chunks = [
            samples::png_chunk(*b"eXIf", &exif(orientation, false)),
            samples::png_chunk(*b"tEXt", b"Comment\0SECRET words"),
            samples::png_chunk(*b"zTXt", b"Comment\0\0SECRET"),
            samples::png_chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET"),
            super::colours::png_profile(&super::colours::p3()),
            samples::png_chunk(*b"tIME", b"\x07\xEA\x01\x01\x01\x01\x01"),
            samples::png_chunk(*b"prVt", SECRET),
        ];
        let dressed = [samples::with_chunks(&plain, &chunks), SECRET.to_vec()].concat();
        let clean = assert_nothing_leaks(&dressed);
        assert!(!contains(&clean, b"tIME"));
        assert_eq!(contains(&clean, b"eXIf"), orientation != 1);
        assert!(contains(&clean, b"iCCP"));
    }
}

#[test]
fn of_a_webp() {
    let plain = samples::webp(200, 120);
    for orientation in [1, 3] {
        let chunks = [
            samples::webp_chunk(*b"ICCP", &super::colours::p3()),
            samples::webp_chunks(&plain).to_vec(),
            samples::webp_chunk(*b"EXIF", &exif(orientation, true)),
            samples::webp_chunk(*b"XMP ", b"SECRET"),
            samples::webp_chunk(*b"prVt", b"SECRET!"),
        ];
        let dressed = samples::webp_extended((200, 120), 0x2C, &chunks.concat());
        let clean = assert_nothing_leaks(&[dressed, SECRET.to_vec()].concat());
        assert!(contains(&clean, b"ICCP") && contains(&clean, b"acsp"));
        assert_eq!(contains(&clean, b"EXIF"), orientation != 1);
        assert_eq!(decode_webp(&clean), decode_webp(&plain));
    }
}

/// A plain file has nothing of its own to hide, but something may hang on its end.
#[test]
fn of_a_plain_webp_with_a_trailer() {
    let plain = samples::webp(20, 12);
    let trailer = [SECRET, &LATITUDE].concat();
    assert_eq!(assert_nothing_leaks(&[plain.clone(), trailer].concat()), plain);
}

#[test]
fn of_a_webp_within_its_frames() {
    let plain = samples::webp(64, 64);
    let header = [0, 0, 0, 0, 0, 0, 63, 0, 0, 63, 0, 0, 100, 0, 0, 0];
    let hidden = samples::webp_chunk(*b"prVt", &[SECRET, &LATITUDE].concat());
    let frame = [&header, samples::webp_chunks(&plain), &hidden].concat();
    let chunks = [samples::webp_chunk(*b"ANIM", &[0; 6]), samples::webp_chunk(*b"ANMF", &frame)].concat();
    assert_nothing_leaks(&samples::webp_extended((64, 64), 0x02, &chunks));
}

fn decode_webp(file: &[u8]) -> Vec<u8> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).unwrap();
    let mut samples = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut samples).unwrap();
    samples
}
