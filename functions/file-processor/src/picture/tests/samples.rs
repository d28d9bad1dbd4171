//! Makes pictures, and dresses them in the metadata that cameras and programs leave.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the sizes of samples are small and known"
)]

use std::io::Cursor;

use image_webp::WebPEncoder;
use jpeg_encoder::{ColorType, Encoder};
use png::{BitDepth, ColorType as PngColor};

/// No output may contain this. Every piece of metadata below carries it.
pub(super) const SECRET: &[u8] = b"SECRET";
/// The GPS position inside [`exif`], as the bytes that would go out.
pub(super) const LATITUDE: [u8; 8] = [0x00, 0x00, 0x00, 0x34, 0x00, 0x00, 0x00, 0x5B];

const RED: [u8; 3] = [230, 20, 20];
const GREEN: [u8; 3] = [20, 200, 20];

/// A gradient; the first quarter of the first rows is red, the last quarter of them green.
pub(super) fn scene(width: u32, height: u32) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            rgb.extend_from_slice(&match (x * 4 / width, y * 4 / height) {
                (0, 0) => RED,
                (3, 0) => GREEN,
                _ => [60, (x * 120 / width) as u8, 100 + (y * 120 / height) as u8],
            });
        }
    }
    rgb
}

pub(super) fn jpeg(width: u32, height: u32) -> Vec<u8> {
    jpeg_of(&scene(width, height), (width, height), ColorType::Rgb, false)
}

pub(super) fn progressive(width: u32, height: u32) -> Vec<u8> {
    jpeg_of(&scene(width, height), (width, height), ColorType::Rgb, true)
}

pub(super) fn jpeg_of(
    samples: &[u8],
    (width, height): (u32, u32),
    color: ColorType,
    progressive: bool,
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_progressive(progressive);
    encoder.encode(samples, width as u16, height as u16, color).unwrap();
    file
}

pub(super) fn png(width: u32, height: u32) -> Vec<u8> {
    png_of(&scene(width, height), (width, height), PngColor::Rgb, BitDepth::Eight, |_| {})
}

pub(super) fn png_of(
    samples: &[u8],
    (width, height): (u32, u32),
    color: PngColor,
    depth: BitDepth,
    set: impl Fn(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    set(&mut encoder);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    file
}

pub(super) fn webp(width: u32, height: u32) -> Vec<u8> {
    webp_of(&scene(width, height), (width, height), image_webp::ColorType::Rgb8)
}

pub(super) fn webp_of(samples: &[u8], (width, height): (u32, u32), color: image_webp::ColorType) -> Vec<u8> {
    let mut file = Vec::new();
    WebPEncoder::new(&mut file).encode(samples, width, height, color).unwrap();
    file
}

/// The chunks behind the RIFF header of a plain `WebP`.
pub(super) fn webp_chunks(file: &[u8]) -> &[u8] {
    &file[12..]
}

/// A RIFF file of these chunks, with the extended header and its flags.
pub(super) fn webp_extended((width, height): (u32, u32), flags: u8, chunks: &[u8]) -> Vec<u8> {
    let mut header = vec![flags, 0, 0, 0];
    header.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
    header.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    let body = [b"WEBP".as_slice(), &webp_chunk(*b"VP8X", &header), chunks].concat();
    webp_chunk(*b"RIFF", &body)
}

pub(super) fn webp_chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_le_bytes();
    let padding = [0].iter().take(body.len() % 2);
    name.iter().chain(&length).chain(body).chain(padding).copied().collect()
}

pub(super) fn png_chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), body].concat();
    let checksum = !named.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    });
    [&(body.len() as u32).to_be_bytes(), named.as_slice(), &checksum.to_be_bytes()].concat()
}

/// The file with these segments behind its start.
pub(super) fn with_segments(jpeg: &[u8], segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut file = jpeg[..2].to_vec();
    for (marker, body) in segments {
        file.extend_from_slice(&[0xFF, *marker]);
        file.extend_from_slice(&(body.len() as u16 + 2).to_be_bytes());
        file.extend_from_slice(body);
    }
    file.extend_from_slice(&jpeg[2..]);
    file
}

/// The file with these chunks behind its header, and something behind its end.
pub(super) fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png[..33], &chunks.concat(), &png[33..]].concat()
}

/// An EXIF block as a camera writes it: orientation, maker, a GPS directory with a latitude.
pub(super) fn exif(orientation: u16, little_endian: bool) -> Vec<u8> {
    let short = |value: u16| if little_endian { value.to_le_bytes() } else { value.to_be_bytes() }.to_vec();
    let long = |value: u32| if little_endian { value.to_le_bytes() } else { value.to_be_bytes() }.to_vec();
    let entry = |tag, kind, count, value: Vec<u8>| [short(tag), short(kind), long(count), value].concat();
    // Header 8, first directory 2 + 3 × 12 + 4, the maker 16, GPS directory 2 + 12 + 4.
    let first = [
        short(3),
        entry(0x010F, 2, 16, long(50)),
        entry(0x0112, 3, 1, [short(orientation), short(0)].concat()),
        entry(0x8825, 4, 1, long(66)),
        long(0),
    ];
    let gps = [short(1), entry(0x0002, 5, 1, long(84)), long(0)];
    let magic = if little_endian { b"II" } else { b"MM" };
    [
        [magic.to_vec(), short(42), long(8)].concat(),
        first.concat(),
        b"SECRET maker 12\0".to_vec(),
        gps.concat(),
        LATITUDE.to_vec(),
    ]
    .concat()
}

pub(super) fn exif_segment(orientation: u16) -> (u8, Vec<u8>) {
    (0xE1, [b"Exif\0\0".to_vec(), exif(orientation, true)].concat())
}

/// Samples of a JPEG: size and RGB.
pub(super) fn decode_jpeg(file: &[u8]) -> ((u32, u32), Vec<u8>) {
    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(file));
    let samples = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    ((info.width.into(), info.height.into()), samples)
}

/// The colour of the point at these fractions of width and height.
pub(super) fn color_at(jpeg: &[u8], across: f64, down: f64) -> [u8; 3] {
    let ((width, height), rgb) = decode_jpeg(jpeg);
    let x = (f64::from(width) * across) as usize;
    let y = (f64::from(height) * down) as usize;
    let index = (y * width as usize + x) * 3;
    [rgb[index], rgb[index + 1], rgb[index + 2]]
}

pub(super) fn is_red([r, g, b]: [u8; 3]) -> bool {
    r > 170 && g < 90 && b < 90
}

pub(super) fn is_green([r, g, b]: [u8; 3]) -> bool {
    r < 90 && g > 150 && b < 90
}

pub(super) fn contains(file: &[u8], piece: &[u8]) -> bool {
    file.windows(piece.len()).any(|window| window == piece)
}
