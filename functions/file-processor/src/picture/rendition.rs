//! From pixels to the two JPEGs that are served.
//!
//! The renditions are made in the stored orientation and turned at the end: turning a rendition
//! costs a fraction of turning the picture. They carry no metadata at all, and no colour profile:
//! their colours are sRGB.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};

use super::colour::ToSrgb;
use super::error::PictureError;
use super::header::Header;
use super::orientation::Orientation;
use super::pixels::Pixels;

/// The display rendition fits this width and height; it is never larger than the picture.
pub const DISPLAY_BOX: (u32, u32) = (1920, 1080);
/// The thumbnail is a square of this side, filled from the middle of the picture.
pub const THUMBNAIL_SIDE: u32 = 200;

const DISPLAY_QUALITY: u8 = 82;
const THUMBNAIL_QUALITY: u8 = 80;

/// One JPEG, upright.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// The file.
    pub jpeg: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// The two JPEGs that are served in place of the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renditions {
    /// Fits [`DISPLAY_BOX`].
    pub display: Rendition,
    /// [`THUMBNAIL_SIDE`] squared.
    pub thumbnail: Rendition,
}

/// The sizes to make, in the stored orientation.
pub(super) struct Targets {
    display: (u32, u32),
    /// The least the decoded picture must measure for both renditions to be sharp.
    needed: (u32, u32),
}

impl Targets {
    pub(super) fn of(header: &Header) -> Self {
        let size = (header.width, header.height);
        let (box_width, box_height) = header.orientation.turned_size(DISPLAY_BOX.0, DISPLAY_BOX.1);
        let display = if size.0 <= box_width && size.1 <= box_height {
            size
        } else if by(size.0, box_height, size.1) <= box_width {
            (by(size.0, box_height, size.1), box_height)
        } else {
            (box_width, by(size.1, box_width, size.0))
        };
        // The thumbnail covers its square, so it is the short side that has to be long enough.
        let short = size.0.min(size.1);
        let cover = short.min(THUMBNAIL_SIDE);
        let needed = (display.0.max(by(size.0, cover, short)), display.1.max(by(size.1, cover, short)));
        Self { display, needed }
    }

    /// True if a decoded picture of this size loses nothing a rendition would show.
    pub(super) fn met_by(&self, width: u32, height: u32) -> bool {
        width >= self.needed.0 && height >= self.needed.1
    }

    /// Bytes that making the renditions of so large a decoded picture takes, its pixels included.
    pub(super) fn bytes_to_make(&self, width: u32, height: u32) -> u64 {
        let rgb = |width: u32, height: u32| u64::from(width) * u64::from(height) * 3;
        let display = rgb(self.display.0, self.display.1);
        // The resizer's first pass keeps the width; later the display rendition is turned, and
        // its file grows, when the decoded picture is gone.
        rgb(width, height) + rgb(width, self.display.1) + 2 * display
    }
}

/// `value × to / from`, rounded, at least one.
fn by(value: u32, to: u32, from: u32) -> u32 {
    let from = u64::from(from.max(1));
    let scaled = (u64::from(value) * u64::from(to) + from / 2) / from;
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// Makes both. A picture decoded smaller than the display rendition was meant to be stays as it
/// is: enlarging it would only cost bytes.
pub(super) fn make(
    pixels: Pixels,
    targets: &Targets,
    orientation: Orientation,
    colours: Option<&ToSrgb>,
) -> Result<Renditions, PictureError> {
    let finish = |mut small: Pixels| {
        if let Some(colours) = colours {
            colours.convert(&mut small);
        }
        orientation.turn(small)
    };
    let side = THUMBNAIL_SIDE;
    let cover = ResizeOptions::new().fit_into_destination(None);
    let thumbnail = finish(resize(&pixels, (side, side), cover)?);
    let (width, height) = targets.display;
    let display = if pixels.width <= width && pixels.height <= height {
        pixels
    } else {
        let smaller = resize(&pixels, (width, height), ResizeOptions::new())?;
        drop(pixels);
        smaller
    };
    let display = finish(display);
    Ok(Renditions {
        display: encode(&display, DISPLAY_QUALITY)?,
        thumbnail: encode(&thumbnail, THUMBNAIL_QUALITY)?,
    })
}

fn resize(
    pixels: &Pixels,
    (width, height): (u32, u32),
    cropping: ResizeOptions,
) -> Result<Pixels, PictureError> {
    let failed = |_| PictureError::unreadable("its pixels do not fill its size");
    let source =
        TypedImageRef::<U8x3>::from_buffer(pixels.width, pixels.height, &pixels.rgb).map_err(failed)?;
    let mut rgb = vec![0; width as usize * height as usize * 3];
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut rgb).map_err(failed)?;
    let options = cropping.resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .map_err(|error| PictureError::unreadable(format!("it cannot be resized ({error})")))?;
    drop(target);
    Ok(Pixels { width, height, rgb })
}

fn encode(pixels: &Pixels, quality: u8) -> Result<Rendition, PictureError> {
    let failed =
        |error: String| PictureError::unreadable(format!("its rendition cannot be written ({error})"));
    let width = u16::try_from(pixels.width).map_err(|error| failed(error.to_string()))?;
    let height = u16::try_from(pixels.height).map_err(|error| failed(error.to_string()))?;
    let mut jpeg = Vec::with_capacity(pixels.rgb.len() / 12);
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.encode(&pixels.rgb, width, height, ColorType::Rgb).map_err(|error| failed(error.to_string()))?;
    Ok(Rendition { jpeg, width: pixels.width, height: pixels.height })
}
