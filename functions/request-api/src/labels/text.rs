//! Text of a known width: a drawing breaks no lines by itself.
//!
//! The width of a character depends on the reader's font. These widths are those of the widest usual ones, so that
//! text ends before its line does.

/// The characters after which a line may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breaks {
    /// Between words, as long as they fit on a line.
    Words,
    /// Anywhere: it is a name that has to be read letter by letter.
    Anywhere,
}

/// The width of a text that is one unit high.
pub(super) fn width(text: &str) -> f64 {
    text.chars().map(width_of).sum()
}

fn width_of(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.35,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 1.0,
        'A'..='Z' | '&' | '#' | '+' | '=' => 0.76,
        // Letters of Europe, and then those that are as wide as they are high.
        '\0'..='\u{36f}' => 0.6,
        '\u{370}'..='\u{10ff}' => 0.8,
        _ => 1.1,
    }
}

/// Breaks a text into at most so many lines of at most this width. The rest is left out, and `…` says so.
pub(super) fn lines(text: &str, most_width: f64, most_lines: usize, breaks: Breaks) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut is_whole = true;
    for word in pieces(text, most_width, breaks) {
        if width(&line) + width(&word) > most_width && !line.is_empty() {
            if lines.len() + 1 == most_lines {
                is_whole = false;
                break;
            }
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        line.push_str(if line.is_empty() { word.trim_start() } else { &word });
    }
    let mut line = line.trim_end().to_owned();
    if !is_whole {
        while width(&line) + width("…") > most_width && line.pop().is_some() {}
        line.push('…');
    }
    lines.push(line);
    lines.retain(|line| !line.is_empty());
    lines
}

/// The pieces that stay together: words with the space before them; of those that fit on no line, single characters.
fn pieces(text: &str, most_width: f64, breaks: Breaks) -> Vec<String> {
    let mut pieces = Vec::new();
    for (at, word) in text.split_whitespace().enumerate() {
        let space = if at == 0 { "" } else { " " };
        if breaks == Breaks::Words && width(word) <= most_width {
            pieces.push(format!("{space}{word}"));
        } else {
            pieces.extend((!space.is_empty()).then(|| space.to_owned()));
            pieces.extend(word.chars().map(String::from));
        }
    }
    pieces
}

/// The same text without the characters that no XML document may hold, however they are written.
pub(super) fn printable(text: &str) -> String {
    let is_allowed = |char: char| !matches!(char, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|char| if is_allowed(char) { char } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(
            lines("Dock leveller of the east", 8.0, 3, Breaks::Words),
            ["Dock leveller", "of the east"]
        );
        assert_eq!(lines("short", 8.0, 1, Breaks::Words), ["short"]);
        assert!(lines("  ", 8.0, 1, Breaks::Words).is_empty());
    }

    #[test]
    fn no_line_is_wider_than_it_may_be_and_what_is_left_out_shows() {
        for text in [
            "Dock leveller of the eastern gate, inside",
            &"W".repeat(100),
            &"漢".repeat(50),
            "a b c d e f g h i j k l m n",
        ] {
            for breaks in [Breaks::Words, Breaks::Anywhere] {
                let lines = lines(text, 5.0, 2, breaks);
                assert!(lines.len() == 2 && lines.iter().all(|line| width(line) <= 5.0), "{lines:?}");
                assert!(lines[1].ends_with('…'), "{lines:?}");
            }
        }
    }

    #[test]
    fn a_tag_is_broken_anywhere_and_nothing_of_it_is_lost() {
        let tag = "RTM-CNV-01/SECTION-7B";
        let lines = lines(tag, width(tag) * 0.6, 2, Breaks::Anywhere);
        assert_eq!((lines.len(), lines.concat()), (2, tag.to_owned()));
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(printable("a\u{1}b\tc"), "a\u{fffd}b\tc");
    }
}
