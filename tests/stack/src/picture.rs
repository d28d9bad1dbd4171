//! A photo as a phone takes it: turned, and with things in it that nobody should get.

/// Something that only the metadata says.
pub const SECRET: &[u8] = b"52.0907 N 5.1214 E, taken by Tess";

/// A JPEG of 640 × 480 pixels with an EXIF block that turns it by 90 degrees and holds the [`SECRET`], and the secret
/// once more as a comment.
///
/// # Panics
/// If the encoder refuses.
#[must_use]
pub fn photo() -> Vec<u8> {
    let (width, height) = (640_u16, 480_u16);
    let pixels: Vec<u8> = (0..u32::from(width) * u32::from(height))
        .flat_map(|at| {
            let (x, y) = (at % u32::from(width), at / u32::from(width));
            [x * 255 / u32::from(width), y * 255 / u32::from(height), 128]
        })
        .map(|value| u8::try_from(value).unwrap_or(u8::MAX))
        .collect();
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 85);
    encoder.add_app_segment(1, exif()).expect("an EXIF block");
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).expect("a picture");
    let comment = [&[0xFF, 0xFE], length(SECRET).as_slice(), SECRET].concat();
    jpeg.splice(2..2, comment);
    jpeg
}

/// Big-endian TIFF with two tags: orientation 6, and an image description.
fn exif() -> Vec<u8> {
    const TEXT_OFFSET: u32 = 8 + 2 + 2 * 12 + 4;
    let text = u32::try_from(SECRET.len()).unwrap_or_default();
    let mut block = b"Exif\0\0MM\0*".to_vec();
    block.extend(8_u32.to_be_bytes());
    block.extend(2_u16.to_be_bytes());
    block.extend([0x01, 0x0E, 0, 2]);
    block.extend(text.to_be_bytes());
    block.extend(TEXT_OFFSET.to_be_bytes());
    block.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
    block.extend(0_u32.to_be_bytes());
    block.extend(SECRET);
    block
}

fn length(text: &[u8]) -> [u8; 2] {
    u16::try_from(text.len() + 2).unwrap_or_default().to_be_bytes()
}
