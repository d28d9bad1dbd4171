//! The address of a request, cut where it is asked: most requests need nothing of it but the path.

use std::borrow::Cow;

use form_urlencoded::Serializer;

/// An absolute address, as the runtime gives it: in its normal form, without user, password and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    path: usize,
    /// The end of the path.
    query: usize,
}

impl Address {
    /// An address. A text that is none has an empty path, which leads nowhere.
    #[must_use]
    pub fn new(text: String) -> Self {
        let authority = text.find("://").map_or(text.len(), |scheme| scheme + 3);
        let find = |from: usize, what: &[char]| {
            text.get(from..).and_then(|rest| rest.find(what)).map_or(text.len(), |at| from + at)
        };
        let path = find(authority, &['/', '?', '#']);
        let query = find(path, &['?', '#']);
        Self { text, path, query }
    }

    /// The path, percent-encoded as it came.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text.get(self.path..self.query).unwrap_or_default()
    }

    /// The parameters of the query, decoded, in their order.
    pub fn query_pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let rest = self.text.get(self.query..).unwrap_or_default();
        let query = rest.split('#').next().unwrap_or_default();
        form_urlencoded::parse(query.strip_prefix('?').unwrap_or_default().as_bytes())
    }

    /// Path and query of the same address with this one parameter in the place of those with its name.
    #[must_use]
    pub fn with_parameter(&self, name: &str, value: &str) -> String {
        let others = self.query_pairs().filter(|(other, _)| other != name);
        let mut query = Serializer::for_suffix(format!("{}?", self.path()), self.path().len() + 1);
        query.extend_pairs(others).append_pair(name, value).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Vec<(String, String)>) {
        let address = Address::new(text.to_owned());
        let pairs = address.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
        (address.path().to_owned(), pairs.collect())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn an_address_is_cut_into_its_parts() {
        let (path, query) = parts("https://api.example.com:8443/api/v1/parts?q=a%20b+c&empty=&&x#y?z");
        assert_eq!(path, "/api/v1/parts");
        assert_eq!(query, [pair("q", "a b c"), pair("empty", ""), pair("x", "")]);
        let plain = parts("http://127.0.0.1:8787/");
        assert_eq!(plain, ("/".to_owned(), Vec::new()));
        assert_eq!(parts("http://a/b?c=/d?e").1, [pair("c", "/d?e")]);
        for none in ["", "a", "http://", "://"] {
            assert_eq!(parts(none).0, "", "{none}");
        }
    }

    #[test]
    fn a_parameter_takes_the_place_of_its_like() {
        let address = Address::new("http://a/list?cursor=old&q=%C3%A9+%26&cursor=older".to_owned());
        assert_eq!(address.with_parameter("cursor", "n w"), "/list?q=%C3%A9+%26&cursor=n+w");
        assert_eq!(Address::new("http://a/list".to_owned()).with_parameter("cursor", "1"), "/list?cursor=1");
    }
}
