//! Many labels on paper: A4, in columns, cut along the lines; or on sheets and rolls of labels that are cut already.

use std::ops::RangeInclusive;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use millwright_edge::WebPage;
use millwright_store::labels::Label;

use super::drawing::{TooLong, draw};
use super::sizes::Stock;

/// The numbers of columns that a page may have.
pub(super) const COLUMNS: RangeInclusive<u8> = 1..=4;
/// Its columns when no number is given: labels of 60 mm.
pub(super) const USUAL_COLUMNS: u8 = 3;
/// The most labels of a page: of one with four columns.
pub(super) const MOST_ON_A_PAGE: u8 = 40;

/// A4 without the margins of 10 mm.
const PRINTED_MM: (f64, f64) = (190.0, 277.0);
/// Between two labels, so that scissors have room.
const GAP_MM: f64 = 5.0;
/// Left free at the edges of a label that is cut already: no printer hits its place exactly.
const EDGE_MM: f64 = 1.5;

/// The paper that is printed on.
#[derive(Clone, Copy)]
pub(super) enum Paper {
    /// A4 in so many columns, to be cut.
    Columns(u8),
    /// Labels that are cut already.
    Cut(&'static Stock),
}

impl Paper {
    /// The number of labels on a page.
    pub(super) fn count(self) -> u8 {
        match self {
            Self::Columns(columns) => {
                let rows = (PRINTED_MM.1 + GAP_MM) / (column_width(columns) / 2.0 + GAP_MM);
                (1..=MOST_ON_A_PAGE / columns).take_while(|row| f64::from(*row) <= rows).last().unwrap_or(1)
                    * columns
            }
            Self::Cut(stock) => stock.count(),
        }
    }

    /// The width at which a label is drawn, which is half as high.
    fn width(self) -> f64 {
        match self {
            Self::Columns(columns) => column_width(columns),
            Self::Cut(Stock { label: (width, height), .. }) => {
                down(f64::min(width - 2.0 * EDGE_MM, 2.0 * (height - 2.0 * EDGE_MM)))
            }
        }
    }

    fn style(self) -> String {
        match self {
            Self::Columns(columns) => {
                let width = column_width(columns);
                let height = width / 2.0;
                format!(
                    "@page{{size:A4;margin:10mm}}\
                     ul{{display:grid;grid-template-columns:repeat({columns},{width}mm);grid-auto-rows:{height}mm;gap:{GAP_MM}mm;padding:.5mm 0 0;break-after:page}}\
                     li{{break-inside:avoid;outline:.2mm dashed #999}}\
                     .used{{outline:none}}\
                     @media screen{{body{{width:210mm;margin:0 auto;padding:10mm}}}}"
                )
            }
            Self::Cut(Stock { page, label, labels, first, gap, .. }) => format!(
                "@page{{size:{}mm {}mm;margin:0}}\
                 ul{{width:{}mm;height:{:.2}mm;padding:{}mm 0 0 {}mm;overflow:hidden;break-after:page;\
                 display:grid;grid-template-columns:repeat({},{}mm);grid-auto-rows:{}mm;gap:{}mm {}mm;align-content:start}}\
                 li{{display:grid;place-items:center}}\
                 @media screen{{p{{padding:5mm 5mm 0}}ul{{margin:0 0 5mm 5mm;outline:.2mm solid #999}}li{{outline:.2mm dashed #999}}}}",
                page.0,
                page.1,
                // A hair less than the page: what is a hair more begins another one.
                page.0,
                page.1 - 0.1,
                first.1,
                first.0,
                labels.0,
                label.0,
                label.1,
                gap.1,
                gap.0
            ),
        }
    }
}

fn column_width(columns: u8) -> f64 {
    down((PRINTED_MM.0 - GAP_MM * f64::from(columns - 1)) / f64::from(columns))
}

/// Down to a hundredth, so that all of them are surely no wider than the paper.
fn down(width: f64) -> f64 {
    (width * 100.0).floor() / 100.0
}

/// The page with these labels, the first of them at this position (from 1) of its sheet.
pub(super) fn page(labels: &[Label], own_address: &str, paper: Paper, start: u8) -> Result<WebPage, TooLong> {
    let mut drawn: Vec<Option<Markup>> = (1..start).map(|_| None).collect();
    for label in labels {
        drawn.push(Some(draw(label, &label.lead.address(own_address), paper.width())?));
    }
    let style = format!(
        "*{{box-sizing:border-box}}\
         body{{margin:0;font:4mm/1.4 Helvetica,Arial,sans-serif;color:#111;background:#fff}}\
         ul{{list-style:none;margin:0;padding:0}}\
         ul:last-child{{break-after:auto}}\
         li{{line-height:0}}\
         p{{margin:0 0 5mm}}\
         @media print{{p{{display:none}}}}\
         {}",
        paper.style()
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
                @if labels.is_empty() {
                    p { "No machine fits what was asked." }
                } @else {
                    p { (labels.len()) @if labels.len() == 1 { " label." } @else { " labels." } " Print at 100 %, "
                        @match paper { Paper::Columns(_) => "on A4.", Paper::Cut(stock) => { "without margins, on " (stock.name) "." } } }
                    @for sheet in drawn.chunks(paper.count().max(1).into()) {
                        ul { @for label in sheet { @match label { Some(label) => li { (label) }, None => li.used {} } } }
                    }
                }
            }
        }
    };
    Ok(WebPage::new(html.into_string(), &style))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::sizes::STOCKS;

    #[test]
    fn a_page_holds_what_fits_on_it() {
        let counts = COLUMNS.map(|columns| Paper::Columns(columns).count());
        assert_eq!(counts.collect::<Vec<_>>(), [2, 10, 24, MOST_ON_A_PAGE]);
        for stock in &STOCKS {
            let width = Paper::Cut(stock).width();
            assert!(width < stock.label.0 && width / 2.0 < stock.label.1, "{}", stock.name);
            assert!(stock.count() <= MOST_ON_A_PAGE);
        }
    }
}
