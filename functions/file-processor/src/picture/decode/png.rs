//! PNG: read row by row, so that a large one never exists as a whole. An interlaced one does.

use std::borrow::Cow;
use std::io::Cursor;

use millwright_domain::picture::Coding;
use png::{BitDepth, ColorType, Decoder, DecodingError, Info, Limits, Transformations};

use super::{Decoded, affordable_step, check, scaled};
use crate::picture::budget::{MemoryBudget, within};
use crate::picture::colour::{Space, ToSrgb};
use crate::picture::container::png::{Said, clean, needs_repair, said};
use crate::picture::error::PictureError;
use crate::picture::header::Header;
use crate::picture::orientation::Orientation;
use crate::picture::rendition::Targets;
use crate::picture::rows::{Layout, Rows};
use crate::picture::tones::{Curve, Tones};

/// The decoder's memory besides rows: its window, its tables and the read-ahead of the filter; and the table of tones.
const DECODER: u64 = 640 * 1024;
/// A row before and after unfiltering and expanding, at most eight bytes a pixel each, and in its tones, at most four.
const ROWS: u64 = 4 * 8 + 4;

/// The exponent that pictures of sRGB are said to have, in 100,000ths, and how far from it one is the same.
const USUAL_GAMMA: (u32, u32) = (45_455, 2_273);
/// Those that make sense of a picture.
const GAMMAS: std::ops::RangeInclusive<u32> = 1_000..=1_000_000;
/// White, red, green and blue of sRGB, and how far from them they are the same.
const USUAL_LIGHTS: ([u32; 8], u32) = ([31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000], 500);

pub(in crate::picture) fn decode(
    file: &[u8],
    header: &Header,
    targets: &Targets,
    budget: MemoryBudget,
) -> Result<Decoded, PictureError> {
    within(header, Coding::Rows)?;
    let is_repaired = needs_repair(file);
    let copy = if is_repaired { file.len() as u64 } else { 0 };
    let fits = |step, whole: u64| {
        let small = scaled(header, step);
        let streamed = DECODER + ROWS * u64::from(header.width) + u64::from(small.0) * u64::from(small.1) * 3;
        check(file, header, small, targets, copy + streamed + whole, budget)
    };
    let mut step = affordable_step(header, targets, |step| fits(step, 0))?;

    let file = if is_repaired { Cow::Owned(clean(file, Orientation::UPRIGHT)?) } else { Cow::Borrowed(file) };
    let mut decoder = Decoder::new_with_limits(Cursor::new(&file), Limits { bytes: 4 << 20 });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let Colours { mut tones, to_srgb } =
        colours(&file, decoder.read_header_info().map_err(|error| unreadable(&error))?);
    let is_deep = tones.as_ref().is_some_and(Tones::are_deep);
    let shallow =
        if is_deep { Transformations::EXPAND } else { Transformations::EXPAND | Transformations::STRIP_16 };
    decoder.set_transformations(shallow);
    let mut reader = decoder.read_info().map_err(|error| unreadable(&error))?;
    if reader.info().size() != (header.width, header.height) {
        return Err(PictureError::unreadable("its sizes contradict each other"));
    }
    let layout = layout(reader.output_color_type(), is_deep)?;
    let interlaced = reader.info().interlaced;
    if interlaced {
        within(header, Coding::Interlaced)?;
        let whole = header.pixels() * layout.bytes_per_pixel() as u64;
        step = affordable_step(header, targets, |step| fits(step, whole))?;
    }
    let row_length = header.width as usize * layout.bytes_per_pixel() * if is_deep { 2 } else { 1 };
    let mut rows = Rows::new(layout, (header.width, header.height), step);
    let mut push = |row: &[u8]| match &mut tones {
        Some(tones) => rows.push(tones.row(layout, row)),
        None => rows.push(row),
    };

    if interlaced {
        let size = reader.output_buffer_size().ok_or_else(PictureError::cut_short)?;
        let mut buffer = vec![0; size];
        reader.next_frame(&mut buffer).map_err(|error| unreadable(&error))?;
        buffer.chunks_exact(row_length).for_each(push);
    } else {
        for _ in 0..header.height {
            let row = reader.next_row().map_err(|error| unreadable(&error))?;
            match row {
                Some(row) if row.data().len() == row_length => push(row.data()),
                _ => return Err(PictureError::cut_short()),
            }
        }
    }
    drop(reader);
    Ok(Decoded { pixels: rows.finish(), colours: to_srgb })
}

/// The way from a picture's samples to sRGB: each for itself, and then all three of a pixel.
#[derive(Default)]
struct Colours {
    tones: Option<Tones>,
    to_srgb: Option<ToSrgb>,
}

/// By the first of what the picture says that is understood.
fn colours(file: &[u8], info: &Info<'_>) -> Colours {
    let is_gray = matches!(info.color_type, ColorType::Grayscale | ColorType::GrayscaleAlpha);
    // One of several passes is held as a whole, for which sixteen bits are too many.
    let is_deep = info.bit_depth == BitDepth::Sixteen && !info.interlaced;
    let by_lights = |lights: Option<ToSrgb>| if is_gray { None } else { lights };
    let understood = |said: Said| match said {
        Said::Standard { lights, curve, is_full } => {
            let curve = Curve::of_standard(curve)?;
            // The first are those of sRGB.
            let to_srgb = if lights == 1 { None } else { Some(ToSrgb::of_standard(lights)?) };
            Some(Colours { tones: Tones::of(curve, is_full, is_deep), to_srgb: by_lights(to_srgb) })
        }
        Said::Profile(profile) => {
            let space = if is_gray { Space::Gray } else { Space::Rgb };
            Some(Colours { tones: None, to_srgb: Some(ToSrgb::by(&profile, space)?) })
        }
        Said::Srgb => Some(Colours::default()),
        Said::Numbers { gamma, lights } => {
            let lights = lights.filter(|lights| !are_usual(lights));
            let place = |[x, y]: [u32; 2]| [f64::from(x) / 100_000.0, f64::from(y) / 100_000.0];
            let to_srgb = lights.and_then(|[a, b, c, d, e, f, g, h]| {
                ToSrgb::of_lights([[a, b], [c, d], [e, f], [g, h]].map(place))
            });
            let is_usual = |gamma: u32| to_srgb.is_none() && gamma.abs_diff(USUAL_GAMMA.0) <= USUAL_GAMMA.1;
            let curve = gamma
                .filter(|gamma| GAMMAS.contains(gamma) && !is_usual(*gamma))
                .map_or(Curve::Srgb, |gamma| Curve::Power(100_000.0 / f64::from(gamma)));
            Some(Colours { tones: Tones::of(curve, true, is_deep), to_srgb: by_lights(to_srgb) })
        }
    };
    said(file).into_iter().find_map(understood).unwrap_or_default()
}

fn are_usual(lights: &[u32; 8]) -> bool {
    lights.iter().zip(USUAL_LIGHTS.0).all(|(light, usual)| light.abs_diff(usual) <= USUAL_LIGHTS.1)
}

fn layout(output: (ColorType, BitDepth), is_deep: bool) -> Result<Layout, PictureError> {
    let depth = if is_deep { BitDepth::Sixteen } else { BitDepth::Eight };
    match output {
        (ColorType::Grayscale, bits) if bits == depth => Ok(Layout::Gray),
        (ColorType::GrayscaleAlpha, bits) if bits == depth => Ok(Layout::GrayAlpha),
        (ColorType::Rgb, bits) if bits == depth => Ok(Layout::Rgb),
        (ColorType::Rgba, bits) if bits == depth => Ok(Layout::Rgba),
        _ => Err(PictureError::unreadable("it uses a palette that it does not have")),
    }
}

fn unreadable(error: &DecodingError) -> PictureError {
    PictureError::unreadable(format!("damaged PNG data ({error})"))
}
