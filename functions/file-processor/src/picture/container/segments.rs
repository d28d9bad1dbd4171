//! Walking the segments of a JPEG, as far as a decoder would read them and no further.

use crate::picture::bytes;
use crate::picture::error::PictureError;

pub(super) const START: u8 = 0xD8;
pub(super) const END: u8 = 0xD9;
pub(super) const SCAN: u8 = 0xDA;
pub(super) const APP0: u8 = 0xE0;
pub(super) const APP1: u8 = 0xE1;
pub(super) const APP2: u8 = 0xE2;
pub(super) const APP14: u8 = 0xEE;

/// A marker with what belongs to it.
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    /// Behind the length field.
    pub(super) body: &'a [u8],
    /// The entropy-coded data that follows a scan header.
    pub(super) coded: &'a [u8],
}

impl Segment<'_> {
    pub(super) fn is_frame(&self) -> bool {
        matches!(self.marker, 0xC0..=0xCF) && !matches!(self.marker, 0xC4 | 0xC8 | 0xCC)
    }
}

/// The segments between the start and the end of the image. Only the mark of the end may be missing: many a camera
/// and many a transfer has lost it, and no viewer minds. A file that breaks off elsewhere is an error.
pub(super) struct Segments<'a> {
    rest: &'a [u8],
    ended: bool,
    is_closed: bool,
    /// True behind coded data, where nothing but the end may be missing.
    may_end: bool,
}

impl<'a> Segments<'a> {
    pub(super) fn of(file: &'a [u8]) -> Self {
        let rest = file.get(2..).unwrap_or_default();
        Self { rest, ended: false, is_closed: false, may_end: false }
    }

    /// True once the mark of the end was read.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The next segment; `None` where the file breaks off.
    fn read(&mut self) -> Option<Result<Segment<'a>, End>> {
        // Half of the mark may be there.
        if self.may_end && self.rest.iter().all(|byte| *byte == 0xFF) {
            return Some(Err(End::Missing));
        }
        let marker = self.marker()?;
        match marker {
            END => return Some(Err(End::Image)),
            START => return Some(Err(End::Nested)),
            _ => {}
        }
        let length = usize::from(bytes::be16(self.rest, 0)?);
        let body = self.rest.get(2..length)?;
        self.rest = self.rest.get(length..)?;
        let mut coded = [].as_slice();
        if marker == SCAN {
            (coded, self.rest) = self.rest.split_at_checked(coded_length(self.rest))?;
        }
        self.may_end = !coded.is_empty();
        Some(Ok(Segment { marker, body, coded }))
    }

    /// The next marker that begins a segment. Stray bytes before it are skipped, as every decoder
    /// does; they are lost in a clean copy.
    fn marker(&mut self) -> Option<u8> {
        loop {
            let at = self.rest.iter().position(|byte| *byte == 0xFF)?;
            let marker = *self.rest.get(at + 1)?;
            let is_fill = marker == 0xFF;
            self.rest = self.rest.get(at + if is_fill { 1 } else { 2 }..)?;
            if !is_fill && !matches!(marker, 0x00 | 0x01 | 0xD0..=0xD7) {
                return Some(marker);
            }
        }
    }
}

/// The reason why there are no more segments.
enum End {
    Image,
    Missing,
    Nested,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Result<Segment<'a>, PictureError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.read() {
            Some(Ok(segment)) => return Some(Ok(segment)),
            Some(Err(end @ (End::Image | End::Missing))) => {
                self.ended = true;
                self.is_closed = matches!(end, End::Image);
            }
            Some(Err(End::Nested)) => {
                self.ended = true;
                return Some(Err(PictureError::unreadable("a second image begins inside it")));
            }
            None => {
                self.ended = true;
                return Some(Err(PictureError::cut_short()));
            }
        }
        None
    }
}

/// The length of coded data: up to the first marker that is neither a stuffed byte nor a restart.
fn coded_length(data: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = data.get(at..).and_then(|rest| rest.iter().position(|b| *b == 0xFF)) {
        at += found;
        match data.get(at + 1) {
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            _ => return at,
        }
    }
    data.len()
}
