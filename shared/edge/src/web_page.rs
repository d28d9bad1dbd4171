//! Pages for people. Most of what we answer is for programs.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::reply::{Body, Response};

/// A page of our own: HTML with one style sheet in it. Nothing runs in it, and it fetches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebPage {
    html: String,
    policy: String,
}

impl WebPage {
    /// A page whose `<style>` holds exactly `style`, and whose forms, if it has any, are sent to ourselves.
    #[must_use]
    pub fn new(html: String, style: &str) -> Self {
        let hash = BASE64_STANDARD.encode(Sha256::digest(style));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        Self { html, policy }
    }

    /// The answer that shows it.
    #[must_use]
    pub fn into_response(self, status: u16) -> Response {
        let mut response = Response::new(status, Body::Text(self.html));
        response.set("content-type", "text/html; charset=utf-8");
        response.set("content-security-policy", self.policy);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::WebPage;

    #[test]
    fn only_its_own_style_is_allowed() {
        let page = WebPage::new(String::new(), "");
        // The SHA-256 of nothing.
        assert!(page.policy.contains("style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"));
        assert!(!page.policy.contains("unsafe"));
    }
}
