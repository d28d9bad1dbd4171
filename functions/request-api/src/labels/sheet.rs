//! Many labels on paper: A4, in columns, cut along the lines.

use std::ops::RangeInclusive;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use millwright_edge::WebPage;
use millwright_store::labels::Label;

use super::drawing::{TooLong, draw};

/// The numbers of columns that a sheet may have.
pub(super) const COLUMNS: RangeInclusive<u8> = 1..=4;
/// Its columns when no number is given: labels of 60 mm.
pub(super) const USUAL_COLUMNS: u8 = 3;

/// Of A4's 210 mm, 10 are left free on each side.
const PRINTED_MM: f64 = 190.0;
/// Between two labels, so that scissors have room.
const GAP_MM: f64 = 5.0;

/// The page with these labels.
pub(super) fn page(labels: &[Label], own_address: &str, columns: u8) -> Result<WebPage, TooLong> {
    let width = (PRINTED_MM - GAP_MM * f64::from(columns - 1)) / f64::from(columns);
    // Down to a hundredth, so that all of them are surely no wider than the paper.
    let width = (width * 100.0).floor() / 100.0;
    let drawn: Vec<Markup> = labels
        .iter()
        .map(|label| draw(label, &label.lead.address(own_address), width))
        .collect::<Result<_, _>>()?;
    let style = format!(
        "@page{{size:A4;margin:10mm}}\
         *{{box-sizing:border-box}}\
         body{{margin:0;font:4mm/1.4 Helvetica,Arial,sans-serif;color:#111;background:#fff}}\
         ul{{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat({columns},{width}mm);gap:{GAP_MM}mm}}\
         li{{break-inside:avoid;outline:.2mm dashed #999;line-height:0}}\
         p{{margin:0 0 5mm}}\
         @media screen{{body{{width:210mm;margin:0 auto;padding:10mm}}}}\
         @media print{{p{{display:none}}}}"
    );
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Labels" }
                style { (PreEscaped(&style)) }
            }
            body {
                @if drawn.is_empty() {
                    p { "No machine fits what was asked." }
                } @else {
                    p { (drawn.len()) @if drawn.len() == 1 { " label." } @else { " labels." } " Print at 100 %, on A4." }
                    ul { @for label in &drawn { li { (label) } } }
                }
            }
        }
    };
    Ok(WebPage::new(html.into_string(), &style))
}
