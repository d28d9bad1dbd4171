//! Query parameters of paths that are no list: declared, read, and described from the declarations.

use std::collections::BTreeMap;

use crate::input::FieldError;
use crate::resource::{Kind, TWICE};

/// A parameter of a path.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name in the query.
    pub name: &'static str,
    /// The values that it may hold.
    pub kind: Kind,
    /// If true, there is no answer without it.
    pub required: bool,
    /// Its purpose.
    pub about: &'static str,
}

/// The values that were given, by name.
pub type Given = BTreeMap<&'static str, String>;

/// Reads a query by the declarations of its path.
///
/// # Errors
/// Every parameter that is wrong, unknown, given twice or missing.
pub fn read<T: AsRef<str>>(
    declared: &[Parameter],
    query: impl Iterator<Item = (T, T)>,
) -> Result<Given, Vec<FieldError>> {
    let mut given = Given::new();
    let mut errors = Vec::new();
    let mut wrong = |name: &str, message: String| errors.push(FieldError::parameter(name, message));
    for (name, value) in query {
        let (name, value) = (name.as_ref(), value.as_ref());
        let Some(parameter) = declared.iter().find(|parameter| parameter.name == name) else {
            let known: Vec<_> = declared.iter().map(|parameter| parameter.name).collect();
            wrong(name, format!("is not a parameter here; known are: {}", known.join(", ")));
            continue;
        };
        match parameter.kind.read_text(value).filter(|value| !parameter.required || !value.is_empty()) {
            None => wrong(name, format!("must be {}", parameter.kind.in_words())),
            Some(value) => {
                if given.insert(parameter.name, value).is_some() {
                    wrong(name, TWICE.to_owned());
                }
            }
        }
    }
    for parameter in declared.iter().filter(|parameter| parameter.required) {
        let is_wrong = errors.iter().any(|error| error.pointer.get(1..) == Some(parameter.name));
        if !given.contains_key(parameter.name) && !is_wrong {
            let message = format!("is required: {}", parameter.kind.in_words());
            errors.push(FieldError::parameter(parameter.name, message));
        }
    }
    if errors.is_empty() { Ok(given) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [Parameter; 1] = [Parameter { name: "q", kind: Kind::Text(9), required: true, about: "" }];
    const DECLARED: [Parameter; 2] = [
        Parameter { name: "from", kind: Kind::Date, required: true, about: "" },
        Parameter { name: "limit", kind: Kind::Integer(1, 9), required: false, about: "" },
    ];

    fn read_all(query: &[(&'static str, &'static str)]) -> Result<Given, Vec<String>> {
        read(&DECLARED, query.iter().copied())
            .map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn what_is_right_is_taken() {
        let given = read_all(&[("limit", "9"), ("from", "2026-03-02")]).unwrap();
        assert_eq!(given, Given::from([("from", "2026-03-02".to_owned()), ("limit", "9".to_owned())]));
    }

    #[test]
    fn everything_that_is_wrong_is_named_once() {
        assert_eq!(read_all(&[]), Err(vec!["?from".to_owned()]));
        assert_eq!(read_all(&[("limit", "10")]), Err(["?limit", "?from"].map(str::to_owned).to_vec()));
        let wrong = [("from", "2026-02-30"), ("limit", "10"), ("form", "1")];
        assert_eq!(read_all(&wrong), Err(["?from", "?limit", "?form"].map(str::to_owned).to_vec()));
        assert!(
            read(&WORDS, [("q", "")].into_iter()).is_err() && read(&WORDS, [("q", "x")].into_iter()).is_ok()
        );
        let twice = [("from", "2026-03-02"), ("from", "2026-03-03")];
        assert_eq!(read_all(&twice), Err(vec!["?from".to_owned()]));
    }
}
