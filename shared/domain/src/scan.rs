//! Labels of machines, and the reports of people who scan one, who need no account.

use crate::resource::Kind;

/// The characters of a token: 128 random bits, as base64 for addresses.
const TOKEN_LENGTH: usize = 22;

/// The longest title of a report, in characters. The whole text is in its description.
const TITLE_LENGTH: usize = 80;

/// True for a text that could be the token of a label; another one need not be looked up.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() == TOKEN_LENGTH
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The address of a label, below its warehouse's (`qr_code_base_url`) or our own, which is
/// configured: a request says any name it likes.
#[must_use]
pub fn address(base: &str, token: &str) -> String {
    format!("{}/s/{token}", base.trim_end_matches('/'))
}

/// The title of a report: the beginning of its text, on one line, not cut in the middle of a word.
#[must_use]
pub fn title(description: &str) -> String {
    let mut lines = description.lines().filter_map(|line| Kind::Text(usize::MAX).read_text(&spaced(line)));
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    if line.chars().count() <= TITLE_LENGTH {
        return line;
    }
    let beginning: String = line.chars().take(TITLE_LENGTH - 1).collect();
    let words = beginning.rsplit_once(char::is_whitespace).map_or("", |(words, _)| words.trim_end());
    // One endless word is cut all the same.
    let kept = if words.chars().count() < TITLE_LENGTH / 2 { &beginning } else { words };
    format!("{kept}…")
}

/// With one space wherever there is white space, such as a tab.
fn spaced(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_length_and_its_characters() {
        assert!(is_token("abcdefghijklmnopqrst-_"));
        for text in [
            "",
            "abcdefghijklmnopqrst-",
            "abcdefghijklmnopqrst-_x",
            "abcdefghijklmnopqrst+/",
            "é2345678901234567890",
        ] {
            assert!(!is_token(text), "{text}");
        }
    }

    #[test]
    fn an_address_is_below_its_base() {
        assert_eq!(address("https://fix.example/", "t"), "https://fix.example/s/t");
        assert_eq!(address("http://127.0.0.1:8787", "t"), "http://127.0.0.1:8787/s/t");
    }

    #[test]
    fn a_title_is_the_beginning_of_what_was_said() {
        assert_eq!(title("\n  It leaks. \nSince Monday."), "It leaks.");
        assert_eq!(title("\u{200b}\nIt\tleaks."), "It leaks.");
        let long = title(&"word ".repeat(40));
        assert!(long.ends_with("word…") && long.chars().count() <= TITLE_LENGTH, "{long}");
        let endless = title(&"é".repeat(200));
        assert_eq!(endless.chars().count(), TITLE_LENGTH);
        assert_eq!(title(" "), "");
    }

    #[test]
    fn a_title_is_cut_behind_a_word_unless_too_little_is_left_of_it() {
        let whole = "x".repeat(80);
        assert_eq!(title(&whole), whole);
        let cut = |first: usize| title(&format!("{} {}", "a".repeat(first), "b".repeat(100)));
        assert_eq!(cut(40), format!("{}…", "a".repeat(40)));
        assert_eq!(cut(39), format!("{} {}…", "a".repeat(39), "b".repeat(39)));
    }
}
