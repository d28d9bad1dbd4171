//! The codes of problems, as they stand in the texts of the code and of the migrations.

use millwright_domain::problem_code::PROBLEM_CODES;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands before a code: each constructor of a problem, and of an answer to a mutation, and the database's own.
const BEFORE: [&str; 9] = [
    "Problem::conflict(\"",
    "Self::conflict(\"",
    "Self::new(4",
    "Self::new(5",
    "rejected(\"",
    "const CODE: &str = \"",
    "private.refuse('",
    "errcode = 'PT409', message = '",
    "=> \"", // of `Refusal::code`
];

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["functions/request-api/src", "shared/edge/src", "shared/domain/src/sync", "migrations"] {
        walk(&root.join(folder), &mut found);
    }
    found.push(root.join("shared/domain/src/lifecycle.rs"));
    found
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            walk(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

/// The first word in quotation marks of a text.
fn word(text: &str) -> Option<&str> {
    let text =
        text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ',' || letter == ' ');
    let text = text.strip_prefix('"').unwrap_or(text);
    let word = text.get(..text.find(['"', '\''])?)?;
    word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_').then_some(word)
}

#[test]
fn every_code_that_is_said_is_declared_and_every_declared_code_is_said() {
    let mut said = BTreeSet::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let is_lifecycle = file.ends_with("lifecycle.rs");
        for before in BEFORE.iter().filter(|before| is_lifecycle || **before != "=> \"") {
            let after = text.match_indices(before).filter_map(|(at, _)| word(&text[at + before.len()..]));
            said.extend(after.map(str::to_owned));
        }
    }
    let declared: BTreeSet<_> = PROBLEM_CODES.iter().map(ToString::to_string).collect();
    assert_eq!(said, declared);
    assert!(PROBLEM_CODES.is_sorted());
}
