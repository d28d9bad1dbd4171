//! PNG: read row by row, so that a large one never exists as a whole. An interlaced one does.

use std::io::Cursor;

use millwright_domain::picture::Coding;
use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};

use super::{affordable_step, check, scaled};
use crate::picture::budget::{MemoryBudget, within};
use crate::picture::error::PictureError;
use crate::picture::header::Header;
use crate::picture::pixels::Pixels;
use crate::picture::rendition::Targets;
use crate::picture::rows::{Layout, Rows};

/// The decoder's memory besides rows: its window, its tables and the read-ahead of the filter.
const DECODER: u64 = 512 * 1024;
/// A row before and after unfiltering and expanding, at most eight bytes a pixel each.
const ROWS: u64 = 4 * 8;

pub(in crate::picture) fn decode(
    file: &[u8],
    header: &Header,
    targets: &Targets,
    budget: MemoryBudget,
) -> Result<Pixels, PictureError> {
    within(header, Coding::Rows)?;
    let fits = |step, whole: u64| {
        let small = scaled(header, step);
        let streamed = DECODER + ROWS * u64::from(header.width) + u64::from(small.0) * u64::from(small.1) * 3;
        check(file, header, small, targets, streamed + whole, budget)
    };
    let mut step = affordable_step(header, targets, |step| fits(step, 0))?;

    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: 4 << 20 });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|error| unreadable(&error))?;
    if reader.info().size() != (header.width, header.height) {
        return Err(PictureError::unreadable("its sizes contradict each other"));
    }
    let layout = layout(reader.output_color_type())?;
    let interlaced = reader.info().interlaced;
    if interlaced {
        within(header, Coding::Interlaced)?;
        let whole = header.pixels() * layout.bytes_per_pixel() as u64;
        step = affordable_step(header, targets, |step| fits(step, whole))?;
    }
    let row_length = header.width as usize * layout.bytes_per_pixel();
    let mut rows = Rows::new(layout, (header.width, header.height), step);

    if interlaced {
        let size = reader.output_buffer_size().ok_or_else(PictureError::cut_short)?;
        let mut buffer = vec![0; size];
        reader.next_frame(&mut buffer).map_err(|error| unreadable(&error))?;
        buffer.chunks_exact(row_length).for_each(|row| rows.push(row));
    } else {
        for _ in 0..header.height {
            let row = reader.next_row().map_err(|error| unreadable(&error))?;
            match row {
                Some(row) if row.data().len() == row_length => rows.push(row.data()),
                _ => return Err(PictureError::cut_short()),
            }
        }
    }
    drop(reader);
    Ok(rows.finish())
}

fn layout(output: (ColorType, BitDepth)) -> Result<Layout, PictureError> {
    match output {
        (ColorType::Grayscale, BitDepth::Eight) => Ok(Layout::Gray),
        (ColorType::GrayscaleAlpha, BitDepth::Eight) => Ok(Layout::GrayAlpha),
        (ColorType::Rgb, BitDepth::Eight) => Ok(Layout::Rgb),
        (ColorType::Rgba, BitDepth::Eight) => Ok(Layout::Rgba),
        _ => Err(PictureError::unreadable("it uses a palette that it does not have")),
    }
}

fn unreadable(error: &DecodingError) -> PictureError {
    PictureError::unreadable(format!("damaged PNG data ({error})"))
}
