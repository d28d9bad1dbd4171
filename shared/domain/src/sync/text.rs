//! Texts that several people typed at once: all of them are kept, in an order that everybody comes to.

/// The texts as one: those that are the same once, what they all begin with once, and the rest below each other in the
/// order that is given. Whole lines are what is compared.
#[must_use]
pub(super) fn together<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut different: Vec<&str> = Vec::new();
    for text in texts {
        if !text.trim().is_empty() && !different.contains(&text) {
            different.push(text);
        }
    }
    let [first, others @ ..] = different.as_slice() else {
        return String::new();
    };
    let alike = |line: usize| others.iter().all(|other| other.lines().nth(line) == first.lines().nth(line));
    let common = (0..first.lines().count()).take_while(|line| alike(*line)).count();
    let head = first.lines().take(common);
    let tails = different.iter().flat_map(|text| text.lines().skip(common));
    head.chain(tails).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn what_all_begin_with_stands_once() {
        assert_eq!(together(["Belt worn\nreplaced", "Belt worn\nordered"]), "Belt worn\nreplaced\nordered");
        assert_eq!(together(["Belt worn", "Belt worn\nordered"]), "Belt worn\nordered");
    }

    #[test]
    fn what_is_different_stands_in_order() {
        assert_eq!(together(["b", "a", "b", " "]), "b\na");
        assert_eq!(together(["only"]), "only");
        assert_eq!(together([]), "");
    }
}
