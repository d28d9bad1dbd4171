//! The sheets and rolls of labels that shops sell, by the numbers on their packages. Lengths are in millimetres.
//!
//! The maker of the sheets (Avery) states sizes in millimetres or inches, and publishes templates, but no list of measures.
//! The numbers are therefore those of `LibreOffice` (`extras/source/labels/labels.xml`), compared with glabels-qt
//! (`templates/*.xml`) and, for the letter sizes, with lists of Avery's own templates. Where these differ, it is said beside
//! the sheet. Rolls have the size that they are called by.

/// A sheet of labels, or a roll of which each label is a page.
pub(super) struct Stock {
    /// The word for it.
    pub(super) name: &'static str,
    /// Width and height of the page.
    pub(super) page: (f64, f64),
    /// Width and height of a label.
    pub(super) label: (f64, f64),
    /// Labels side by side, and rows of them.
    pub(super) labels: (u8, u8),
    /// The corner of the first label, from the left and from the top.
    pub(super) first: (f64, f64),
    /// Between two labels, across and down.
    pub(super) gap: (f64, f64),
}

const A4: (f64, f64) = (210.0, 297.0);
const LETTER: (f64, f64) = (215.9, 279.4);

/// All of them.
pub(super) static STOCKS: [Stock; 8] = [
    // The height is 1⅓ in, which is called 33.9 mm. LibreOffice has a label half a millimetre wider around
    // the same places; the package and glabels say 63.5 mm.
    sheet("l7159", A4, (63.5, 33.87), (3, 8), (7.21, 13.02), 2.54),
    // glabels' own entry is 0.3 mm off to the right and down, and in points; those of the same cut by others are as here.
    sheet("l7160", A4, (63.5, 38.1), (3, 7), (7.21, 15.15), 2.54),
    // Called 99.1 mm. The first column of glabels' own entry is 1.3 mm further left; of the same cut by others it is as here.
    sheet("l7163", A4, (99.06, 38.1), (2, 7), (4.67, 15.15), 2.54),
    // 2⅝ × 1 in, ⅛ in between. glabels has it 0.8 mm further left, and as much more between.
    sheet("5160", LETTER, (66.675, 25.4), (3, 10), (4.7625, 12.7), 3.175),
    // 4 × 2 in, 3⁄16 in between, and 5⁄32 in at the left.
    sheet("5163", LETTER, (101.6, 50.8), (2, 5), (3.96875, 12.7), 4.7625),
    // Brother DK-11209, and the usual rolls of label printers.
    roll("62x29mm", (62.0, 29.0)),
    roll("4x2in", (101.6, 50.8)),
    roll("4x6in", (101.6, 152.4)),
];

const fn sheet(
    name: &'static str,
    page: (f64, f64),
    label: (f64, f64),
    labels: (u8, u8),
    first: (f64, f64),
    gap: f64,
) -> Stock {
    Stock { name, page, label, labels, first, gap: (gap, 0.0) }
}

const fn roll(name: &'static str, label: (f64, f64)) -> Stock {
    Stock { name, page: label, label, labels: (1, 1), first: (0.0, 0.0), gap: (0.0, 0.0) }
}

impl Stock {
    /// The one of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        STOCKS.iter().find(|stock| stock.name == name)
    }

    /// The number of labels on a page.
    pub(super) fn count(&self) -> u8 {
        self.labels.0 * self.labels.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sheet_lies_on_its_page_with_the_same_margin_on_both_sides() {
        for Stock { name, page, label, labels, first, gap } in &STOCKS {
            let extent = |count: u8, label: f64, gap: f64| f64::from(count) * (label + gap) - gap;
            let right = page.0 - first.0 - extent(labels.0, label.0, gap.0);
            let below = page.1 - first.1 - extent(labels.1, label.1, gap.1);
            assert!(
                (right - first.0).abs() < 0.2 && (below - first.1).abs() < 0.2,
                "{name}: {right}, {below}"
            );
        }
    }

    /// The places of `LibreOffice`: across and down from one label to the next, width and height, left and top, in 100ths.
    const OTHERS: [(&str, [u32; 6]); 5] = [
        ("l7159", [6654, 3386, 6400, 3386, 646, 1306]),
        ("l7160", [6604, 3810, 6350, 3810, 720, 1515]),
        ("l7163", [10160, 3810, 9906, 3810, 467, 1515]),
        ("5160", [6985, 2540, 6668, 2540, 478, 1270]),
        ("5163", [10636, 5080, 10160, 5080, 396, 1270]),
    ];

    #[test]
    fn labels_lie_where_another_program_has_them() {
        for (name, measures) in OTHERS {
            let stock = Stock::named(name).unwrap();
            let [across, down, width, height, left, top] = measures.map(|measure| f64::from(measure) / 100.0);
            for (column, row) in [(0, 0), (stock.labels.0 - 1, stock.labels.1 - 1)] {
                let (column, row) = (f64::from(column), f64::from(row));
                let middle = (
                    stock.first.0 + column * (stock.label.0 + stock.gap.0) + stock.label.0 / 2.0,
                    stock.first.1 + row * (stock.label.1 + stock.gap.1) + stock.label.1 / 2.0,
                );
                let other = (left + column * across + width / 2.0, top + row * down + height / 2.0);
                // Sheets are cut as exactly as a millimetre.
                assert!(
                    (middle.0 - other.0).abs() <= 0.55 && (middle.1 - other.1).abs() <= 0.1,
                    "{name}: {middle:?} instead of {other:?}"
                );
            }
        }
    }
}
