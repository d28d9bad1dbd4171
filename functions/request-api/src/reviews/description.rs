//! The decision on a review, as OpenAPI describes it.

use millwright_domain::resource::{REVIEW_DECISION, REVIEWS};
use serde_json::{Value, json};

use crate::openapi::{answer, answers, body, idempotency_key, name, reference};

/// `POST /api/v1/reviews/{id}/decide`.
pub(super) fn decide() -> Value {
    json!({
        "operationId": "decideReview",
        "summary": "Decide on what a phone brought too late",
        "description": "`keep` leaves it as it is. `take` writes what was brought, as if you had typed it now: what is not open to you \
                        is refused, and then nothing is decided. Decided once, it stays so.",
        "tags": [REVIEWS.path],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&name(&REVIEW_DECISION))),
        "responses": answers("200", answer("The review.", &reference(&name(&REVIEWS)))),
    })
}
