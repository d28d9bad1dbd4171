//! A module as it is written: its children, and the paths that it uses of its own crate. No parser: tokens are enough.

/// A module of a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    /// Its path from the root of the crate, which is empty for the root itself.
    pub(super) name: Vec<String>,
    /// The modules that it declares in files of their own.
    pub(super) children: Vec<String>,
    /// The paths that it uses, from the root of the crate. Each ends in a module or in something that a module holds.
    pub(super) uses: Vec<Vec<String>>,
}

impl Source {
    /// Reads a module.
    pub(super) fn read(name: &[String], text: &str) -> Self {
        let tokens = without_tests(&tokens(text));
        let children = children(&tokens);
        let mut uses = Vec::new();
        let mut rest = tokens.as_slice();
        while let Some((first, after)) = rest.split_first() {
            let is_path = after.first().is_some_and(|next| next == "::");
            let begins = matches!(first.as_str(), "crate" | "super" | "self") || children.contains(first);
            if first == "(" && after.first().is_some_and(|next| next == "in") {
                // `pub(in crate::outer)` says who may see something, and uses nothing.
                let end = after.iter().position(|token| token == ")");
                rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
            } else if is_path && begins {
                rest = tree(rest, &mut Vec::new(), &mut uses);
            } else if is_path {
                // The path of another crate, of a type or of something that was imported: its other segments say nothing.
                rest = after.get(2..).unwrap_or_default();
            } else {
                rest = after;
            }
        }
        let uses = uses.into_iter().filter_map(|path| from_root(name, path)).collect();
        Self { name: name.to_vec(), children, uses }
    }
}

/// Words and the signs that paths are made of. Comments, strings and everything else are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = text_length(rest) {
            length
        } else if first.is_alphabetic() || first == '_' {
            let end = rest.find(|other: char| !other.is_alphanumeric() && other != '_');
            let length = end.unwrap_or(rest.len());
            tokens.extend(rest.get(..length).map(str::to_owned));
            length
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            tokens.push(first.to_string());
            first.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens.retain(|token| !token.trim().is_empty());
    tokens
}

/// The length of a string or a character at the beginning.
fn text_length(text: &str) -> Option<usize> {
    let raw = text.strip_prefix("br").or_else(|| text.strip_prefix('r')).and_then(|after| {
        let hashes = after.len() - after.trim_start_matches('#').len();
        let inside = after.get(hashes..)?.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
        Some(text.len() - inside.len() + length)
    });
    if raw.is_some() {
        return raw;
    }
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, inside)| {
        let is_end = *inside == quote && !escaped;
        escaped = *inside == '\\' && !escaped;
        is_end
    });
    let length = end.map_or(text.len(), |(at, _)| at + 1);
    // A lifetime begins like a character, and does not end like one.
    let is_character = quote == '"' || text.chars().nth(1) == Some('\\') || text.chars().nth(2) == Some('\'');
    Some(if is_character { length } else { 1 })
}

/// Without the items that are compiled for tests only.
fn without_tests(tokens: &[String]) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        if rest.iter().take(MARK.len()).eq(MARK.iter()) {
            rest = after_item(rest.get(MARK.len()..).unwrap_or_default());
        } else {
            kept.push(first.clone());
            rest = after;
        }
    }
    kept
}

/// Skips an item: up to its semicolon or its last brace.
fn after_item(tokens: &[String]) -> &[String] {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(token.as_str(), "}" | ";") {
            return tokens.get(at + 1..).unwrap_or_default();
        }
    }
    &[]
}

/// `mod name;`
fn children(tokens: &[String]) -> Vec<String> {
    let declared = tokens.windows(3).filter_map(|window| match window {
        [word, name, end] if word == "mod" && end == ";" => Some(name.clone()),
        _ => None,
    });
    declared.collect()
}

/// Reads a path, or a tree of them in braces, and gives back the tokens behind it.
fn tree<'a>(mut rest: &'a [String], prefix: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'a [String] {
    let depth = prefix.len();
    while let Some((token, after)) = rest.split_first() {
        if token == "{" {
            rest = branches(after, prefix, found);
            break;
        }
        if token != "*" {
            prefix.push(token.clone());
        }
        rest = after;
        match after.split_first() {
            Some((next, behind)) if next == "::" => rest = behind,
            _ => {
                found.push(prefix.clone());
                break;
            }
        }
    }
    prefix.truncate(depth);
    rest
}

/// The paths in braces, separated by commas.
fn branches<'a>(
    mut rest: &'a [String],
    prefix: &mut Vec<String>,
    found: &mut Vec<Vec<String>>,
) -> &'a [String] {
    while let Some((token, after)) = rest.split_first() {
        match token.as_str() {
            "}" => return after,
            "," => rest = after,
            // `one as other`: the other name is of no account.
            "as" => rest = after.get(1..).unwrap_or_default(),
            _ => rest = tree(rest, prefix, found),
        }
    }
    rest
}

/// The same path from the root of the crate. `None` for the one of another crate.
fn from_root(module: &[String], path: Vec<String>) -> Option<Vec<String>> {
    let mut base = module.to_vec();
    let mut segments = path.into_iter().peekable();
    if segments.next_if(|first| first == "crate").is_some() {
        base.clear();
    } else {
        segments.next_if(|first| first == "self");
        while segments.next_if(|first| first == "super").is_some() {
            base.pop()?;
        }
    }
    // The last `self` of a tree is the module before it.
    base.extend(segments.filter(|segment| segment != "self"));
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &[&str], text: &str) -> (Vec<String>, Vec<String>) {
        let name: Vec<_> = name.iter().map(ToString::to_string).collect();
        let source = Source::read(&name, text);
        (source.children, source.uses.iter().map(|path| path.join("/")).collect())
    }

    #[test]
    fn every_path_of_the_crate_is_found() {
        let text = "
            mod inner;
            pub(crate) mod other;
            use std::fmt::{self, Display};
            use crate::one::{self, two::{Three, Four as Five}, *};
            use super::next::Thing as Another;
            fn f(call: &super::Call) -> crate::one::Kind { inner::deep::g(\"crate::not::this\", 'c', '\\'') }
            pub(in crate::nothing::at::all) struct Seen;
            fn h<'a>(text: &'a str) -> Vec<u8> { Vec::from(r#\"super::not::this\"#) } // crate::nor::this";
        let (children, uses) = read(&["outer", "here"], text);
        assert_eq!(children, ["inner", "other"]);
        let expected = [
            "one",
            "one/two/Three",
            "one/two/Four",
            "one",
            "outer/next/Thing",
            "outer/Call",
            "one/Kind",
            "outer/here/inner/deep/g",
        ];
        assert_eq!(uses, expected);
    }

    #[test]
    fn what_is_for_tests_does_not_count() {
        let text = "
            #[cfg(test)]
            mod tests;
            #[cfg(test)]
            fn helper() { crate::not::this() }
            use crate::this;
            #[cfg(test)]
            mod inline { use crate::nor::this; fn f() { { } } }";
        assert_eq!(read(&[], text), (Vec::new(), vec!["this".to_owned()]));
    }
}
