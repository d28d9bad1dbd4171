//! The mail provider: Resend's HTTP API (`POST /emails`).

use millwright_domain::notification::one_line;
use millwright_edge::{Destination, send_within};
use millwright_store::notifications::ClaimedDelivery;
use serde::Deserialize;
use serde_json::{Value, json};
use worker::wasm_bindgen::JsValue;
use worker::{Headers, Method, RequestInit, Response};

/// Milliseconds that the provider has to answer.
const DEADLINE_MS: u32 = 10_000;

/// An account with the provider.
pub(crate) struct Resend {
    /// Its address, without a slash at the end.
    pub(crate) url: String,
    /// The account's key.
    pub(crate) key: String,
    /// The sender of every mail: `Name <address>`.
    pub(crate) from: String,
}

/// The provider's answer to a mail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// The provider has taken the mail.
    Accepted {
        /// Its name for the message.
        provider_id: String,
    },
    /// The provider will never take this mail.
    Refused {
        /// The reason.
        error: String,
    },
    /// The provider may take the mail later.
    NotNow {
        /// The reason.
        error: String,
        /// Seconds to wait, where the provider asks for a time.
        asked_for: Option<u32>,
    },
}

impl Resend {
    /// Hands one message over. The delivery's id makes a repeated attempt harmless.
    pub(crate) async fn send(&self, delivery: &ClaimedDelivery) -> Sent {
        let answer = match self.request(delivery) {
            Ok(mut init) => {
                let address = format!("{}/emails", self.url);
                send_within(Destination::Provider(&address), &mut init, DEADLINE_MS).await
            }
            Err(error) => return Sent::Refused { error: error.to_string() },
        };
        match answer {
            Ok(response) => read(response).await,
            Err(error) => Sent::NotNow { error: format!("the mail provider: {error}"), asked_for: None },
        }
    }

    fn request(&self, delivery: &ClaimedDelivery) -> worker::Result<RequestInit> {
        let headers = Headers::new();
        headers.set("authorization", &format!("Bearer {}", self.key))?;
        headers.set("content-type", "application/json")?;
        headers.set("idempotency-key", &delivery.id.to_string())?;
        let body = self.message(delivery);
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_body(Some(JsValue::from_str(&body.to_string())));
        Ok(init)
    }

    /// The subject becomes a header of the mail, whoever wrote the title.
    fn message(&self, delivery: &ClaimedDelivery) -> Value {
        let subject = one_line(&delivery.title);
        json!({"from": self.from, "to": [delivery.email], "subject": subject, "text": delivery.body})
    }
}

async fn read(mut response: Response) -> Sent {
    let status = response.status_code();
    let asked_for = response.headers().get("retry-after").ok().flatten().and_then(|text| text.parse().ok());
    let body = response.text().await.unwrap_or_default();
    judge(status, asked_for, &body)
}

/// Reads an answer. Only a failure that can pass is tried again.
fn judge(status: u16, asked_for: Option<u32>, body: &str) -> Sent {
    #[derive(Deserialize)]
    struct Accepted {
        id: String,
    }
    let error =
        || format!("the mail provider answered {status}: {}", body.chars().take(200).collect::<String>());
    match status {
        200..=299 => match serde_json::from_str(body) {
            Ok(Accepted { id }) => Sent::Accepted { provider_id: id },
            // The provider has the mail; its own id for it is of no further use.
            Err(_) => Sent::Accepted { provider_id: String::new() },
        },
        // 401 and 403 are our key's fault, not the mail's: it goes out once the key is mended.
        401 | 403 | 408 | 409 | 425 | 429 | 500.. => Sent::NotNow { error: error(), asked_for },
        _ => Sent::Refused { error: error() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use millwright_domain::notification::Channel;

    #[test]
    fn a_subject_has_no_line_breaks() {
        let mail =
            Resend { url: String::new(), key: String::new(), from: "Millwright <m@example.test>".to_owned() };
        let delivery = ClaimedDelivery {
            id: "01900000-0000-7000-8000-000000000001".parse().unwrap(),
            attempt: 1,
            channel: Channel::Email,
            title: "Fan\r\nBcc: all@example.test\u{2028}x\u{2029}y\u{85}z\u{b}".to_owned(),
            body: "one\ntwo".to_owned(),
            email: "someone@example.test".to_owned(),
        };
        let message = mail.message(&delivery);
        assert_eq!(message["subject"], "Fan  Bcc: all@example.test x y z ");
        assert_eq!(message["text"], "one\ntwo");
    }

    #[test]
    fn the_providers_answers_are_understood() {
        let accepted = include_str!("../fixtures/resend_accepted.json");
        assert_eq!(
            judge(200, None, accepted),
            Sent::Accepted { provider_id: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794".to_owned() }
        );
        let invalid = include_str!("../fixtures/resend_validation_error.json");
        assert!(matches!(judge(422, None, invalid), Sent::Refused { .. }));
        assert!(matches!(judge(429, Some(30), ""), Sent::NotNow { asked_for: Some(30), .. }));
        for status in [401, 500, 503] {
            assert!(matches!(judge(status, None, ""), Sent::NotNow { .. }), "{status}");
        }
    }
}
