//! The chunks of a `WebP`.
//!
//! The pictures, their transparency, the animation and the numbers of the colour profile stay. The header
//! of an extended file says which chunks follow, so it is written anew.
//!
//! Of a file that breaks off, what follows the picture is left out. The picture itself may lack a few bytes, with which
//! its coding only ends; they are filled.

use crate::picture::bytes;
use crate::picture::error::PictureError;
use crate::picture::header::{Header, Kind};
use crate::picture::orientation::Orientation;
use crate::picture::profile::harmless;

/// The RIFF header: name, length, form.
const RIFF_LENGTH: usize = 12;
/// Position, size, duration and flags of a frame, ahead of its chunks.
const FRAME_HEADER: usize = 16;
const FLAG_EXIF: u8 = 0x08;
const FLAG_XMP: u8 = 0x04;
const FLAG_ICC: u8 = 0x20;

/// The most bytes that a picture may lack. Encoders end with one or two that no pixel depends on.
const MOST_MISSING: usize = 8;

struct Chunk<'a> {
    name: [u8; 4],
    body: &'a [u8],
    /// Bytes of the body that the file does not have.
    missing: usize,
}

/// A copy without metadata.
pub(in crate::picture) struct Clean {
    pub(in crate::picture) file: Vec<u8>,
    /// True if bytes of the picture were missing.
    pub(in crate::picture) is_filled: bool,
}

pub(in crate::picture) fn header(file: &[u8]) -> Result<Header, PictureError> {
    let mut chunks = Chunks::of_file(file);
    let first = chunks.next().unwrap_or_else(|| Err(PictureError::cut_short()))?;
    let (width, height) =
        size(&first).ok_or_else(|| PictureError::unreadable("it does not begin with a header"))?;
    let mut orientation = Orientation::UPRIGHT;
    if &first.name == b"VP8X"
        && let Some(exif) = chunks.map_while(Result::ok).find(|chunk| &chunk.name == b"EXIF")
    {
        // Some writers put the name of the JPEG segment before the block.
        let tiff = exif.body.strip_prefix(b"Exif\0\0".as_slice()).unwrap_or(exif.body);
        orientation = Orientation::from_exif(tiff);
    }
    Ok(Header { kind: Kind::WebP, width, height, orientation })
}

/// The numbers of its colour profile.
pub(in crate::picture) fn profile(file: &[u8]) -> Option<Vec<u8>> {
    let mut chunks = Chunks::of_file(file).map_while(Result::ok);
    chunks.find(|chunk| &chunk.name == b"ICCP").and_then(|chunk| harmless(chunk.body))
}

/// A copy without metadata, in which every picture lies within the size of the header: a decoder
/// allocates by the inner sizes before it compares them.
pub(in crate::picture) fn clean(file: &[u8], orientation: Orientation) -> Result<Vec<u8>, PictureError> {
    clean_filled(file, orientation, 0).map(|clean| clean.file)
}

/// The same, with this in the place of what is missing of the picture.
pub(in crate::picture) fn clean_filled(
    file: &[u8],
    orientation: Orientation,
    filler: u8,
) -> Result<Clean, PictureError> {
    let mut chunks = Chunks::of_file(file);
    let first = chunks.next().unwrap_or_else(|| Err(PictureError::cut_short()))?;
    let canvas = size(&first);
    let turned = orientation != Orientation::UPRIGHT;
    let mut is_filled = first.missing > 0;

    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(b"RIFF\0\0\0\0WEBP");
    if &first.name == b"VP8X" {
        let mut body = first.body.get(..10).ok_or_else(PictureError::cut_short)?.to_vec();
        let profile = profile(file);
        if let Some(flags) = body.first_mut() {
            *flags &= !(FLAG_EXIF | FLAG_XMP | FLAG_ICC);
            *flags |= if turned { FLAG_EXIF } else { 0 };
            *flags |= if profile.is_some() { FLAG_ICC } else { 0 };
        }
        write(&mut out, *b"VP8X", &body);
        if let Some(profile) = profile {
            write(&mut out, *b"ICCP", &profile);
        }
        for chunk in chunks {
            let chunk = chunk?;
            is_filled |= chunk.missing > 0;
            write_kept(&mut out, &chunk, canvas, filler)?;
        }
        if turned {
            write(&mut out, *b"EXIF", &orientation.to_exif());
        }
    } else {
        write_kept(&mut out, &first, canvas, filler)?;
    }
    let length = u32::try_from(out.len() - 8).unwrap_or(u32::MAX);
    if let Some(field) = out.get_mut(4..8) {
        field.copy_from_slice(&length.to_le_bytes());
    }
    Ok(Clean { file: out, is_filled })
}

fn write_kept(
    out: &mut Vec<u8>,
    chunk: &Chunk<'_>,
    canvas: Option<(u32, u32)>,
    filler: u8,
) -> Result<(), PictureError> {
    match &chunk.name {
        b"VP8 " | b"VP8L" => {
            let within =
                |(width, height)| canvas.is_some_and(|canvas| width <= canvas.0 && height <= canvas.1);
            if !size(chunk).is_some_and(within) {
                return Err(PictureError::unreadable("its sizes contradict each other"));
            }
            let whole = [chunk.body, &vec![filler; chunk.missing]].concat();
            write(out, chunk.name, &whole);
        }
        b"ALPH" | b"ANIM" => write(out, chunk.name, chunk.body),
        b"ANMF" => {
            let (header, inner) =
                chunk.body.split_at_checked(FRAME_HEADER).ok_or_else(PictureError::cut_short)?;
            let mut frame = header.to_vec();
            for inner in Chunks::of(inner) {
                let inner = inner?;
                if matches!(&inner.name, b"VP8 " | b"VP8L" | b"ALPH") {
                    write_kept(&mut frame, &inner, canvas, filler)?;
                }
            }
            write(out, chunk.name, &frame);
        }
        _ => {}
    }
    Ok(())
}

fn write(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    out.extend_from_slice(&name);
    out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(body);
    if body.len() % 2 == 1 {
        out.push(0);
    }
}

/// True for the coded pixels of a picture.
fn is_picture(name: [u8; 4]) -> bool {
    matches!(&name, b"VP8 " | b"VP8L")
}

/// Width and height that a chunk states: the canvas, or one picture.
fn size(chunk: &Chunk<'_>) -> Option<(u32, u32)> {
    let body = chunk.body;
    match &chunk.name {
        b"VP8X" => Some((bytes::le24(body, 4)? + 1, bytes::le24(body, 7)? + 1)),
        b"VP8 " if body.get(3..6)? == b"\x9D\x01\x2A" => {
            let side = |at| Some(u32::from(bytes::le16(body, at)? & 0x3FFF));
            Some((side(6)?, side(8)?))
        }
        b"VP8L" if *body.first()? == 0x2F => {
            let packed = bytes::le32(body, 1)?;
            Some(((packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1))
        }
        _ => None,
    }
}

/// The chunks of a file or of a frame; an error where one is cut short before the picture is there.
struct Chunks<'a> {
    rest: &'a [u8],
    ended: bool,
    /// True once there is a picture, or the first one of an animation.
    may_end: bool,
}

impl<'a> Chunks<'a> {
    fn of_file(file: &'a [u8]) -> Self {
        // A file may be longer than its RIFF says; what is longer is no part of the picture.
        let end = bytes::le32(file, 4).map_or(0, |size| bytes::length(size).saturating_add(8));
        let riff = file.get(..end).unwrap_or(file);
        Self::of(riff.get(RIFF_LENGTH..).unwrap_or_default())
    }

    fn of(chunks: &'a [u8]) -> Self {
        Self { rest: chunks, ended: false, may_end: false }
    }

    fn read(&mut self) -> Option<Chunk<'a>> {
        let name = bytes::array(self.rest, 0)?;
        let length = bytes::length(bytes::le32(self.rest, 4)?);
        let there = self.rest.get(8..)?;
        let missing = length.saturating_sub(there.len());
        if missing > 0 && (missing > MOST_MISSING || !is_picture(name)) {
            return None;
        }
        let body = there.get(..length - missing)?;
        // The last chunk's padding is often forgotten.
        self.rest = there.get(length..).and_then(|rest| rest.get(length % 2..)).unwrap_or_default();
        Some(Chunk { name, body, missing })
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, PictureError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.ended {
            return None;
        }
        let Some(chunk) = self.read() else {
            self.ended = true;
            return (!self.may_end).then(|| Err(PictureError::cut_short()));
        };
        self.may_end |= is_picture(chunk.name) || &chunk.name == b"ANMF";
        Some(Ok(chunk))
    }
}
