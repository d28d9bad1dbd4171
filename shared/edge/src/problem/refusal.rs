//! Errors of the store as problems: the one place where the database's refusals become an HTTP status.

use millwright_domain::constraint::{Broken, broken};
use millwright_domain::input::{FieldError, pointer};
use millwright_store::{GatewayRefusal, StoreError, TransportError};

use serde_json::{Map, Value};

use super::Problem;

/// The classes of SQLSTATE that say nothing about what was asked: connections, rollbacks, resources, operators.
const GIVEN_UP: [&str; 4] = ["08", "40", "53", "57P"];

/// Members of a problem that rules of the database tell.
const TRUE_NOW: [&str; 3] = ["on_hand", "available", "needed"];

/// Told when the database took too long.
const TIMED_OUT: &str = "the database did not answer in time";

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let context = error.to_string();
        match &error {
            StoreError::Transport(TransportError::Deadline) => Self::timeout(TIMED_OUT, context),
            StoreError::Transport(TransportError::Unreachable(_)) => {
                Self::unavailable("the database cannot be reached", context)
            }
            StoreError::Refused { status, refusal } => match (refusal.code.as_str(), status) {
                ("42501", _) => Self::forbidden("your role does not allow this"),
                ("23502" | "23503" | "23514", _) => {
                    Self::invalid(refused_fields(refusal)).with_context(context)
                }
                ("23505", _) => {
                    Self::conflict("already_exists", "there is one with the same id or name already")
                        .of(named(refusal).unwrap_or_default())
                }
                ("23P01", _) => Self::conflict("overlaps", "it overlaps with one that is there already")
                    .of(named(refusal).unwrap_or_default()),
                // Raised by our own rules in the database, in words that are for clients.
                ("PT409", _) => {
                    let detail = refusal.details.clone().unwrap_or_default();
                    true_now(refusal)
                        .fold(Self::refused(refusal.message.clone(), detail), |problem, (name, value)| {
                            problem.with(name, value)
                        })
                }
                ("PT413", _) => Self::too_large(
                    refusal.details.as_deref().and_then(|max| max.parse().ok()).unwrap_or_default(),
                ),
                ("PT429", _) => Self::too_many(
                    refusal.details.as_deref().and_then(|seconds| seconds.parse().ok()).unwrap_or(60),
                    "this was asked too often, or too much of it at once; please wait",
                ),
                ("PT401", _) => {
                    Self::unauthenticated("your role or warehouse has changed; refresh the token")
                }
                (code, _) if code.starts_with("22") => {
                    Self::invalid(refused_fields(refusal)).with_context(context)
                }
                ("PGRST301" | "PGRST302" | "PGRST303", _) | (_, 401) => {
                    Self::unauthenticated("the token is not valid")
                }
                // The database took longer than it may, or waited for a lock that long.
                ("PGRST003" | "57014" | "55P03", _) | (_, 504) => Self::timeout(TIMED_OUT, context),
                ("PGRST000" | "PGRST001" | "PGRST002", _) | (_, 502 | 503) => {
                    Self::unavailable("the database cannot be reached", context)
                }
                // The database gave up and will do it another time: a session or a server ended, or two waited for each other.
                // An error without a code is not PostgREST's: it comes from its server, or from something in between.
                (code, _) if code.is_empty() || GIVEN_UP.iter().any(|class| code.starts_with(class)) => {
                    Self::unavailable("the database could not finish it", context)
                }
                _ => Self::internal(context),
            },
            StoreError::Disagreement(_) => Self::internal(context),
        }
    }
}

/// Facts of this moment, as far as a rule of the database has told them.
fn true_now(refusal: &GatewayRefusal) -> impl Iterator<Item = (&'static str, Value)> {
    let mut said: Map<String, Value> =
        refusal.hint.as_deref().and_then(|hint| serde_json::from_str(hint).ok()).unwrap_or_default();
    TRUE_NOW.into_iter().filter_map(move |name| Some((name, said.remove(name)?)))
}

/// The fields that only the database could judge, in words: those of the constraint that was broken, or the one column that
/// is named.
#[must_use]
pub fn refused_fields(refusal: &GatewayRefusal) -> Vec<FieldError> {
    named(refusal).unwrap_or_else(|| {
        let message = match refusal.code.as_str() {
            "23502" => "is required",
            "23503" => "names nothing that exists here",
            "23514" => "breaks a rule of the data",
            _ => "has a value that cannot be stored",
        };
        let pointer = refusal.column().map(pointer).unwrap_or_default();
        vec![FieldError { pointer, message: message.to_owned() }]
    })
}

/// The fields of the constraint that was broken, if one was.
fn named(refusal: &GatewayRefusal) -> Option<Vec<FieldError>> {
    let (table, constraint) = refusal.constraint()?;
    let Broken { fields, message } = broken(table, constraint)?;
    Some(fields.into_iter().map(|field| FieldError::field(field, message.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(status: u16, code: &str, message: &str, details: &str) -> Problem {
        let refusal = GatewayRefusal {
            code: code.to_owned(),
            message: message.to_owned(),
            details: Some(details.to_owned()),
            hint: None,
        };
        StoreError::Refused { status, refusal }.into()
    }

    #[test]
    fn each_refusal_has_its_status() {
        let statuses = [
            ((403, "42501"), 403),
            ((409, "23503"), 422),
            ((400, "23502"), 422),
            ((409, "23505"), 409),
            ((400, "23514"), 422),
            ((409, "23P01"), 409),
            ((409, "PT409"), 409),
            ((413, "PT413"), 413),
            ((429, "PT429"), 429),
            ((400, "22P02"), 422),
            ((401, "PGRST301"), 401),
            ((504, "PGRST003"), 504),
            ((503, "PGRST002"), 503),
            ((503, "08006"), 503),
            ((502, ""), 503),
            ((400, ""), 503),
            ((500, "57P01"), 503),
            ((500, "40P01"), 503),
            ((500, "57014"), 504),
            ((404, "PGRST202"), 500),
            ((500, "XX000"), 500),
        ];
        for ((status, code), expected) in statuses {
            assert_eq!(refused(status, code, "", "").status(), expected, "{status} {code}");
        }
    }

    #[test]
    fn whoever_asks_too_much_at_once_is_told_when_to_come_back() {
        let busy = refused(429, "PT429", "too_many_at_once", "1");
        assert_eq!((busy.status(), busy.told().0), (429, "too_many_requests"));
        let header = busy.answer.and_then(|answer| answer.header);
        assert_eq!(header, Some(("retry-after", "1".to_owned())));
    }

    #[test]
    fn what_the_database_says_stays_inside() {
        let secret = "relation \"private.credentials\" does not exist";
        for (status, code) in [(500, "42P01"), (400, "23514"), (403, "42501"), (400, "22023")] {
            let body = refused(status, code, secret, secret).body("r").to_string();
            assert!(!body.contains("credentials"), "{body}");
        }
    }

    #[test]
    fn a_rule_of_the_database_speaks_to_the_client() {
        let body = refused(409, "PT409", "insufficient_stock", "2 are on hand").body("r");
        assert_eq!((&body["code"], &body["detail"]), (&json!("insufficient_stock"), &json!("2 are on hand")));
        assert_eq!(body.get("errors"), None);
        let body = refused(409, "PT409", "signature_unusable", "it is quarantined").body("r");
        assert_eq!(body["errors"], json!([{"pointer": "/signature_id", "message": "it is quarantined"}]));
    }

    #[test]
    fn a_reference_to_nothing_names_its_field() {
        let message = "insert or update on table \"work_orders\" violates foreign key constraint \
                       \"work_orders_assigned_to_fkey\"";
        let body = refused(409, "23503", message, "").body("r-1");
        assert_eq!(
            body["errors"],
            json!([{"pointer": "/assigned_to", "message": "names nothing that exists here"}])
        );
        assert_eq!((&body["status"], &body["request_id"]), (&json!(422), &json!("r-1")));
    }
}
