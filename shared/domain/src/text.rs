//! The texts that are taken: nothing that cannot be seen, stored, or shown in one line where it is one.
//!
//! The database says the same (`private.is_line`, `private.is_prose`).

use std::ops::RangeInclusive;

/// The characters that only change how others are shown. Alone, or with white space, they are nothing to see.
pub const UNSEEN: [RangeInclusive<char>; 16] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{e0000}'..='\u{e0fff}',
];

/// True for a character that a line has none of: one that controls, or begins another line.
pub(crate) fn breaks_a_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// True for at most so many characters in one line.
pub(crate) fn is_line(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.contains(breaks_a_line) && is_seen(text)
}

/// True for at most so many characters in lines, which may be indented.
pub(crate) fn is_prose(text: &str, max: usize) -> bool {
    let is_strange = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    text.chars().count() <= max && !text.contains(is_strange) && is_seen(text)
}

/// Empty, or with something to see.
fn is_seen(text: &str) -> bool {
    text.is_empty() || text.chars().any(takes_place)
}

/// Neither white space nor one of [`UNSEEN`].
pub(crate) fn takes_place(character: char) -> bool {
    !character.is_whitespace() && !UNSEEN.iter().any(|span| span.contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_prose_is_many() {
        assert!(is_line("Förderband 3 ⚙️", 15) && is_line("", 0));
        for wrong in ["a\nb", "a\tb", "a\u{7f}", "a\u{85}b", "a\u{2028}b", "\u{1}"] {
            assert!(!is_line(wrong, 9), "{wrong:?}");
        }
        assert!(is_prose("a\r\n\tb", 9));
        assert!(!is_prose("a\u{b}b", 9) && !is_prose("a\0", 9));
        assert!(!is_line("four", 3) && !is_prose("four", 3));
    }

    #[test]
    fn something_is_to_be_seen() {
        for nothing in ["\u{200b}", "\u{2060}\u{feff}", "\u{202e} \u{ad}", "\u{3164}", "\u{e0041}"] {
            assert!(!is_line(nothing, 9) && !is_prose(nothing, 9), "{nothing:?}");
        }
        assert!(is_line("a\u{200d}b", 9));
    }
}
