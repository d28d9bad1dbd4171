//! The chunks of a PNG.
//!
//! The chunks that a decoder needs for the pixels, their colours and their animation stay. Text, time,
//! EXIF, private chunks and whatever follows the end stay behind.

use crate::picture::bytes;
use crate::picture::error::PictureError;
use crate::picture::header::{Header, Kind};
use crate::picture::orientation::Orientation;

/// The first eight bytes of every PNG.
pub(in crate::picture) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

const KEPT: [&[u8; 4]; 18] = [
    b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV",
    b"cLLI", b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];

struct Chunk<'a> {
    name: [u8; 4],
    body: &'a [u8],
    /// Length, name, body and checksum.
    whole: &'a [u8],
}

pub(in crate::picture) fn header(file: &[u8]) -> Result<Header, PictureError> {
    let mut chunks = Chunks::of(file);
    let first = chunks.next().unwrap_or_else(|| Err(PictureError::cut_short()))?;
    let size = (&first.name == b"IHDR" && first.body.len() == 13)
        .then(|| Some((bytes::be32(first.body, 0)?, bytes::be32(first.body, 4)?)))
        .flatten();
    let Some((width, height)) = size else {
        return Err(PictureError::unreadable("it does not begin with a header"));
    };
    // EXIF may follow the pixels. A file that breaks off has been understood this far.
    let orientation = chunks
        .map_while(Result::ok)
        .find(|chunk| &chunk.name == b"eXIf")
        .map_or(Orientation::UPRIGHT, |chunk| Orientation::from_exif(chunk.body));
    Ok(Header { kind: Kind::Png, width, height, orientation })
}

pub(in crate::picture) fn clean(file: &[u8], orientation: Orientation) -> Result<Vec<u8>, PictureError> {
    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(SIGNATURE);
    for chunk in Chunks::of(file) {
        let chunk = chunk?;
        if KEPT.contains(&&chunk.name) {
            out.extend_from_slice(chunk.whole);
        }
        if &chunk.name == b"IHDR" && orientation != Orientation::UPRIGHT {
            write(&mut out, *b"eXIf", &orientation.to_exif());
        }
    }
    Ok(out)
}

fn write(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    let named = [name.as_slice(), body].concat();
    out.extend_from_slice(&named);
    out.extend_from_slice(&checksum(&named).to_be_bytes());
}

/// CRC-32 bit by bit: what is written here is 30 bytes.
fn checksum(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
    })
}

/// The chunks up to the end of the picture; an error if the end never comes.
struct Chunks<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Chunks<'a> {
    fn of(file: &'a [u8]) -> Self {
        Self { rest: file.get(SIGNATURE.len()..).unwrap_or_default(), ended: false }
    }

    fn read(&mut self) -> Option<Chunk<'a>> {
        let length = bytes::length(bytes::be32(self.rest, 0)?);
        let name = bytes::array(self.rest, 4)?;
        let whole = self.rest.get(..length.checked_add(12)?)?;
        self.rest = self.rest.get(whole.len()..)?;
        Some(Chunk { name, body: whole.get(8..8 + length)?, whole })
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, PictureError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let chunk = self.read();
        self.ended = chunk.as_ref().is_none_or(|chunk| &chunk.name == b"IEND");
        Some(chunk.ok_or_else(PictureError::cut_short))
    }
}
