//! The chunks of a PNG.
//!
//! The chunks that a decoder needs for the pixels, their colours and their animation stay, each once its
//! checksum was found right. Text, time, EXIF, private chunks and whatever follows the end stay behind, and where a file breaks
//! off behind its pixels, what is left of what follows them.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::picture::bytes;
use crate::picture::error::PictureError;
use crate::picture::header::{Header, Kind};
use crate::picture::orientation::Orientation;
use crate::picture::profile::harmless;

/// The first eight bytes of every PNG.
pub(in crate::picture) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";

const END: &[u8] = b"\0\0\0\0IEND\xAE\x42\x60\x82";

/// The most bytes that the last chunk of pixels may lack: those of the two checksums at its end.
const MOST_MISSING: usize = 8;

/// The most bytes that a colour profile may inflate to.
const LONGEST_PROFILE: u64 = 4 << 20;

/// True for a chunk that stays. Those of a fixed length have it, so that nothing else hides in them.
fn is_kept(name: [u8; 4], length: usize) -> bool {
    match &name {
        b"IDAT" | b"fdAT" | b"iCCP" => true,
        b"IHDR" => length == 13,
        b"PLTE" => length <= 768,
        b"tRNS" => length <= 256,
        b"sRGB" => length == 1,
        b"gAMA" | b"cICP" => length == 4,
        b"sBIT" => length <= 4,
        b"bKGD" => length <= 6,
        b"acTL" | b"cLLI" => length == 8,
        b"pHYs" => length == 9,
        b"mDCV" => length == 24,
        b"fcTL" => length == 26,
        b"cHRM" => length == 32,
        _ => false,
    }
}

/// True for a chunk that may come many times.
fn repeats(name: [u8; 4]) -> bool {
    matches!(&name, b"IDAT" | b"fcTL" | b"fdAT")
}

/// True for a chunk without which no decoder shows the picture.
fn is_critical(name: [u8; 4]) -> bool {
    name.first().is_some_and(u8::is_ascii_uppercase)
}

fn is_of_animation(name: [u8; 4]) -> bool {
    matches!(&name, b"acTL" | b"fcTL" | b"fdAT")
}

struct Chunk<'a> {
    name: [u8; 4],
    body: &'a [u8],
    /// Length, name, body and checksum; or what there is of them.
    whole: &'a [u8],
    /// True where the file breaks off in it.
    is_cut: bool,
}

impl Chunk<'_> {
    /// False for a standard of colours that is none of red, green and blue, which no PNG has.
    fn makes_sense(&self) -> bool {
        &self.name != b"cICP" || matches!(*self.body, [_, _, 0, 0..=1])
    }

    /// True if its checksum is right.
    fn is_sound(&self) -> bool {
        let end = self.body.len() + 8;
        self.whole.get(4..end).map(crc32fast::hash) == bytes::be32(self.whole, end)
    }
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

/// What a picture says of its colours.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::picture) enum Said {
    /// The numbers that ITU-T H.273 gives to lights and to curves, and true for samples of the full range.
    Standard { lights: u8, curve: u8, is_full: bool },
    /// The numbers of its colour profile.
    Profile(Vec<u8>),
    /// That they are of sRGB.
    Srgb,
    /// The exponent of coding, and the places of white, red, green and blue; in 100,000ths.
    Numbers { gamma: Option<u32>, lights: Option<[u32; 8]> },
}

/// All that it says of its colours, the most exact first: a reader takes the first that it understands.
pub(in crate::picture) fn said(file: &[u8]) -> Vec<Said> {
    let chunks = Chunks::of(file).map_while(Result::ok).take_while(|chunk| &chunk.name != b"IDAT");
    let chunks: Vec<_> = chunks
        .filter(|chunk| matches!(&chunk.name, b"cICP" | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM"))
        .filter(|chunk| is_kept(chunk.name, chunk.body.len()) && chunk.is_sound())
        .collect();
    let find = |name: &[u8; 4]| chunks.iter().find(|chunk| chunk.name == *name).map(|chunk| chunk.body);
    let standard = find(b"cICP").and_then(|body| match *body {
        [lights, curve, 0, range @ 0..=1] => Some(Said::Standard { lights, curve, is_full: range == 1 }),
        _ => None,
    });
    let profile = find(b"iCCP").and_then(unpacked).map(Said::Profile);
    let srgb = find(b"sRGB").map(|_| Said::Srgb);
    let gamma = find(b"gAMA").and_then(|body| bytes::be32(body, 0));
    let lights = find(b"cHRM").map(|body| std::array::from_fn(|at| bytes::be32(body, 4 * at).unwrap_or(0)));
    let numbers = (gamma.is_some() || lights.is_some()).then_some(Said::Numbers { gamma, lights });
    [standard, profile, srgb, numbers].into_iter().flatten().collect()
}

/// True if a decoder reads the clean copy: the file breaks off in its pixels, or has what decoders pass over, but ours does not.
pub(in crate::picture) fn needs_repair(file: &[u8]) -> bool {
    Chunks::of(file).map_while(Result::ok).any(|chunk| chunk.is_cut || !chunk.makes_sense())
}

pub(in crate::picture) fn clean(file: &[u8], orientation: Orientation) -> Result<Vec<u8>, PictureError> {
    let mut out = Vec::with_capacity(file.len());
    out.extend_from_slice(SIGNATURE);
    let mut seen = Vec::new();
    // An animation of which something is damaged is shown as the one picture it begins with.
    let of_animation = |chunk: &Chunk<'_>| is_of_animation(chunk.name);
    let mut all = Chunks::of(file);
    let is_animated = all.by_ref().map_while(Result::ok).filter(of_animation).all(|chunk| chunk.is_sound())
        && all.is_closed;
    for chunk in Chunks::of(file) {
        let chunk = chunk?;
        if !is_kept(chunk.name, chunk.body.len())
            || !chunk.makes_sense()
            || (seen.contains(&chunk.name) && !repeats(chunk.name))
            || (is_of_animation(chunk.name) && !is_animated)
        {
            continue;
        }
        if !repeats(chunk.name) {
            seen.push(chunk.name);
        }
        if chunk.is_cut {
            write(&mut out, chunk.name, chunk.body);
            continue;
        }
        // What a decoder can do without is passed over where it is damaged, as viewers do.
        match (chunk.is_sound(), is_critical(chunk.name)) {
            (true, _) if &chunk.name == b"iCCP" => {
                if let Some(profile) = unpacked(chunk.body) {
                    write(&mut out, *b"iCCP", &packed(&profile));
                }
            }
            (true, _) => out.extend_from_slice(chunk.whole),
            (false, true) => {
                let name = String::from_utf8_lossy(&chunk.name).into_owned();
                return Err(PictureError::unreadable(format!("the checksum of a chunk ({name}) is wrong")));
            }
            (false, false) => {}
        }
        if &chunk.name == b"IHDR" && orientation != Orientation::UPRIGHT {
            write(&mut out, *b"eXIf", &orientation.to_exif());
        }
    }
    out.extend_from_slice(END);
    Ok(out)
}

/// The profile of an iCCP chunk: a name, the method of packing, and the packed profile.
fn unpacked(body: &[u8]) -> Option<Vec<u8>> {
    let name = body.iter().position(|byte| *byte == 0)?;
    let mut profile = Vec::new();
    ZlibDecoder::new(body.get(name + 2..)?).take(LONGEST_PROFILE).read_to_end(&mut profile).ok()?;
    harmless(&profile)
}

fn packed(profile: &[u8]) -> Vec<u8> {
    let mut body = b"icc\0\0".to_vec();
    // Writing into memory does not fail; a chunk that were cut would be passed over.
    let mut packer = ZlibEncoder::new(&mut body, Compression::default());
    let _ = packer.write_all(profile);
    drop(packer);
    body
}

fn write(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    let named = [name.as_slice(), body].concat();
    out.extend_from_slice(&named);
    out.extend_from_slice(&crc32fast::hash(&named).to_be_bytes());
}

/// The chunks up to the end of the picture, without that one. What follows the pixels may be missing, as far as no viewer
/// minds; a file that breaks off elsewhere is an error.
struct Chunks<'a> {
    rest: &'a [u8],
    ended: bool,
    /// True once the end was read.
    is_closed: bool,
    /// True once there are pixels.
    may_end: bool,
}

impl<'a> Chunks<'a> {
    fn of(file: &'a [u8]) -> Self {
        Self {
            rest: file.get(SIGNATURE.len()..).unwrap_or_default(),
            ended: false,
            is_closed: false,
            may_end: false,
        }
    }

    fn read(&mut self) -> Option<Chunk<'a>> {
        let length = bytes::length(bytes::be32(self.rest, 0)?);
        let name = bytes::array(self.rest, 4)?;
        let whole = self.rest.get(..length.checked_add(12)?)?;
        self.rest = self.rest.get(whole.len()..)?;
        Some(Chunk { name, body: whole.get(8..8 + length)?, whole, is_cut: false })
    }

    /// Pixels of which nothing but checksums is missing.
    fn read_cut(&mut self) -> Option<Chunk<'a>> {
        let length = bytes::length(bytes::be32(self.rest, 0)?);
        let name = bytes::array(self.rest, 4)?;
        let whole = self.rest;
        let missing = length.checked_add(12)?.checked_sub(whole.len())?;
        if &name != b"IDAT" || missing > MOST_MISSING {
            return None;
        }
        self.rest = &[];
        Some(Chunk { name, body: whole.get(8..whole.len().min(8 + length))?, whole, is_cut: true })
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, PictureError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let chunk = self.read().or_else(|| self.read_cut());
        self.may_end |= chunk.as_ref().is_some_and(|chunk| &chunk.name == b"IDAT");
        match chunk {
            Some(chunk) if &chunk.name == b"IEND" => {
                self.ended = true;
                self.is_closed = true;
                None
            }
            Some(chunk) => Some(Ok(chunk)),
            None if self.may_end => {
                self.ended = true;
                None
            }
            None => {
                self.ended = true;
                Some(Err(PictureError::cut_short()))
            }
        }
    }
}
