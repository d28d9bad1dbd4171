//! One label, drawn: the code on the left, what people read on the right.

use maud::{Markup, html};
use millwright_store::labels::Label;
use qrcodegen::{QrCode, QrCodeEcc};

use super::text::{Breaks, lines, printable, width};

/// A label is drawn 60 wide and 30 high; how large it is printed is another matter.
const WIDTH: f64 = 60.0;
const HEIGHT: f64 = 30.0;
/// The code with its quiet zone.
const CODE: f64 = 26.0;
const MARGIN: f64 = 2.0;
/// The left edge of the text, beside the code.
const LEFT: f64 = CODE + 2.0 * MARGIN;
const TEXT_WIDTH: f64 = WIDTH - LEFT - MARGIN;
/// The size of a tag's letters: of a short tag, and of one that is better broken into two lines.
const TAG_SIZE: f64 = 4.2;
const SMALL_TAG_SIZE: f64 = 2.8;

/// Modules without ink around a code, as ISO/IEC 18004 wants them.
const QUIET: i32 = 4;

/// No code holds an address of that length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// A line of text.
struct Line {
    /// The line on which its letters stand.
    y: f64,
    text: String,
    size: f64,
    weight: &'static str,
}

/// Draws a label `width_mm` millimetres wide and half as high.
pub(super) fn draw(label: &Label, address: &str, width_mm: f64) -> Result<Markup, TooLong> {
    // A quarter of it may be dirty or scratched away: labels are where the work is.
    let code = QrCode::encode_text(address, QrCodeEcc::Quartile).map_err(|_| TooLong)?;
    let side = code.size() + 2 * QUIET;
    Ok(html! {
        svg xmlns="http://www.w3.org/2000/svg" width={ (width_mm) "mm" } height={ (width_mm * HEIGHT / WIDTH) "mm" }
            viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" {
            title { (printable(&label.asset_tag)) }
            rect width=(WIDTH) height=(HEIGHT) fill="#fff" {}
            svg x=(MARGIN) y=(MARGIN) width=(CODE) height=(CODE) viewBox={ "0 0 " (side) " " (side) }
                shape-rendering="crispEdges" {
                path d=(ink(&code)) fill="#000" {}
            }
            g font-family="Helvetica, Arial, sans-serif" fill="#000" {
                @for Line { y, text, size, weight } in written(label) {
                    text x=(LEFT) y=(format!("{y:.2}")) font-size=(format!("{size:.2}")) font-weight=(weight) { (text) }
                }
            }
        }
    })
}

fn written(label: &Label) -> Vec<Line> {
    let (mut written, mut y) = (Vec::new(), MARGIN);
    let mut write = |text: &str, size: f64, weight, most_lines, breaks| {
        for text in lines(&printable(text), TEXT_WIDTH / size, most_lines, breaks) {
            y += size * 1.15;
            written.push(Line { y, text, size, weight });
        }
    };
    // A tag is always there as a whole: on one line where that can be read, and the longer it is, the smaller.
    let at_once = TEXT_WIDTH * 0.99 / width(&label.asset_tag).max(1.0);
    let size = if at_once < SMALL_TAG_SIZE { at_once * 1.8 } else { at_once };
    write(&label.asset_tag, size.min(TAG_SIZE), "bold", 2, Breaks::Anywhere);
    write(&label.name, 3.2, "normal", 2, Breaks::Words);
    write(&label.model, 2.6, "normal", 2, Breaks::Words);
    write(label.area.as_deref().unwrap_or_default(), 2.6, "normal", 1, Breaks::Words);
    written
}

/// The dark modules, row by row: a bar for each run of them.
fn ink(code: &QrCode) -> String {
    use std::fmt::Write;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let end = (x..code.size()).find(|x| !code.get_module(*x, y)).unwrap_or(code.size());
            if end > x {
                let length = end - x;
                // Writing into a text does not fail.
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            x = end + 1;
        }
    }
    path
}

#[cfg(test)]
mod tests;
