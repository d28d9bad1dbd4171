//! The sheets and rolls of labels that shops sell, by the numbers on their packages. Lengths are in millimetres.

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
    sheet("l7159", A4, (63.5, 33.9), (3, 8), (7.2, 12.9), 2.5),
    sheet("l7160", A4, (63.5, 38.1), (3, 7), (7.2, 15.15), 2.5),
    sheet("l7163", A4, (99.1, 38.1), (2, 7), (4.65, 15.15), 2.5),
    sheet("5160", LETTER, (66.675, 25.4), (3, 10), (4.7625, 12.7), 3.175),
    sheet("5163", LETTER, (101.6, 50.8), (2, 5), (3.96875, 12.7), 4.7625),
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
}
