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

/// A signature as someone draws it with a finger: a JPEG of 400 × 160 pixels with a dark line on white.
///
/// # Panics
/// If the encoder refuses.
#[must_use]
pub fn drawing() -> Vec<u8> {
    let (width, height) = (400_u16, 160_u16);
    // Up and down in turns of 40 pixels, three pixels thick.
    let line = |x: u16| height / 2 - 20 + if (x / 40).is_multiple_of(2) { x % 40 } else { 40 - x % 40 };
    let ink = |x: u16, y: u16| if y.abs_diff(line(x)) <= 1 { 20 } else { 255 };
    let pixels: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| ink(x, y))).collect();
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 85);
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Luma).expect("a picture");
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

/// A JPEG of 64 × 64 pixels of one colour of Display P3, as a phone takes it.
///
/// # Panics
/// If the encoder refuses.
#[must_use]
pub fn display_p3(rgb: [u8; 3]) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 95);
    encoder.add_icc_profile(&profile()).expect("a profile");
    encoder.encode(&rgb.repeat(64 * 64), 64, 64, jpeg_encoder::ColorType::Rgb).expect("a picture");
    jpeg
}

/// Red, green and blue of Display P3 in XYZ, and the curve of sRGB, which is that of Display P3, too.
fn profile() -> Vec<u8> {
    const CURVE: &[u8] =
        b"para\0\0\0\0\0\x03\0\0\0\x02\x66\x66\0\0\xF2\xA7\0\0\x0D\x59\0\0\x13\xD0\0\0\x0A\x5B";
    let xyz =
        |values: [i32; 3]| [b"XYZ \0\0\0\0".as_slice(), &values.map(i32::to_be_bytes).concat()].concat();
    let tags = [
        (b"rXYZ", xyz([33_759, 15_807, -69])),
        (b"gXYZ", xyz([19_135, 45_367, 2_745])),
        (b"bXYZ", xyz([10_296, 4_363, 51_385])),
        (b"rTRC", CURVE.to_vec()),
        (b"gTRC", CURVE.to_vec()),
        (b"bTRC", CURVE.to_vec()),
    ];
    let mut profile = b"\0\0\x01\x68\0\0\0\0\x04\x30\0\0mntrRGB XYZ ".to_vec();
    profile.resize(36, 0);
    profile.extend(b"acsp");
    profile.resize(68, 0);
    profile.extend(b"\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D");
    profile.resize(128, 0);
    profile.extend(6_u32.to_be_bytes());
    let mut at = 132 + 6 * 12;
    for (name, body) in &tags {
        let length = u32::try_from(body.len()).unwrap_or_default();
        profile.extend([**name, u32::to_be_bytes(at), length.to_be_bytes()].concat());
        at += length;
    }
    for (_, body) in &tags {
        profile.extend(body);
    }
    profile
}
