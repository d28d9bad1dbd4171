//! A machine with a label, and whoever scans it.

use serde_json::json;
use ureq::http::Method;
use uuid::Uuid;

use crate::{Answer, Api, Site};

const BOUNDARY: &str = "a-boundary-that-nothing-else-has";

/// A machine of a site, and the token of its label.
pub struct Labelled {
    /// The machine's id.
    pub id: String,
    /// The token at the end of its label's code.
    pub token: String,
}

impl Labelled {
    /// A new one.
    ///
    /// # Panics
    /// If it cannot be opened.
    #[must_use]
    pub fn open(api: &Api, site: &Site) -> Self {
        let machine = json!({"asset_tag": format!("{}-<1>", site.mark), "name": "Press & Co", "model": "P-1", "area": "Hall 2"});
        let machine = api.post(&site.token(api, "supervisor"), "/api/v1/equipment", &machine).expect(201);
        let id = machine["id"].as_str().expect("an id").to_owned();
        let token = Self::token_of(api, &id);
        Self { id, token }
    }

    /// The token that a machine's label has now.
    #[must_use]
    pub fn token_of(api: &Api, machine: &str) -> String {
        api.ask(&format!("select token from public.equipment_labels where equipment_id = '{machine}'"))
    }

    /// The page that the label leads to.
    #[must_use]
    pub fn page(&self) -> String {
        format!("/s/{}", self.token)
    }

    /// The same for apps.
    #[must_use]
    pub fn scan(&self) -> String {
        format!("/api/v1/scan/{}", self.token)
    }
}

/// Someone who scans labels, somewhere on the internet: nobody else comes from that address.
pub struct Passer {
    address: String,
}

impl Default for Passer {
    fn default() -> Self {
        Self {
            address: format!(
                "2001:db8:{:x}:{:x}::1",
                Uuid::new_v4().as_fields().1,
                Uuid::new_v4().as_fields().1
            ),
        }
    }
}

impl Passer {
    /// Sends a request with a body of this kind.
    ///
    /// The platform says where a request comes from, and locally the entry before the first worker does so. The second API has
    /// a port of its own that leads straight to it, so there we say it.
    ///
    /// # Panics
    /// If there is no such port.
    #[must_use]
    pub fn send(&self, api: &Api, method: &Method, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let straight = api.stack.supabase.as_ref().expect("a port that leads straight to the API");
        let headers = [("content-type", content_type), ("cf-connecting-ip", &*self.address)];
        api.send_to(&straight.api, method, path, &headers, body)
    }

    /// Posts JSON.
    #[must_use]
    pub fn post(&self, api: &Api, path: &str, body: &serde_json::Value) -> Answer {
        self.send(api, &Method::POST, path, "application/json", body.to_string().as_bytes())
    }

    /// Sends a form as a browser does, with these texts and this photo.
    #[must_use]
    pub fn fill(
        &self,
        api: &Api,
        path: &str,
        texts: &[(&str, &str)],
        photo: Option<(&str, &[u8])>,
    ) -> Answer {
        let body = form(texts, photo);
        self.send(api, &Method::POST, path, &format!("multipart/form-data; boundary={BOUNDARY}"), &body)
    }
}

fn form(texts: &[(&str, &str)], photo: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, text) in texts {
        let part =
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
        body.extend(part.as_bytes());
    }
    // Nothing chosen is sent as a file without a name and without bytes.
    let (name, bytes) = photo.unwrap_or_default();
    let part = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"{name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    );
    body.extend(part.as_bytes());
    body.extend(bytes);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}
