//! Signing in, and tokens for machines, as OpenAPI describes them.

use millwright_domain::resource::API_TOKENS;
use serde_json::{Map, Value, json};

use super::operations::{BODY_PROBLEMS, FIND_PROBLEMS, answer, body, problems, with};
use super::schemas::{NOT_BLANK, closed, name, reference};

/// Everything under `/api/auth` that is written to.
pub(super) fn paths() -> Map<String, Value> {
    let signed_in = || answer("Signed in.", &reference("SignedIn"));
    let done = || json!({"description": "It is done."});
    let (anyone, signed) = (json!([]), json!([{"bearer": []}]));
    let operations = [
        (
            "login",
            "sign_in",
            "A session for an address and a password",
            "Credentials",
            "200",
            signed_in(),
            &anyone,
        ),
        (
            "refresh",
            "refresh",
            "The next session for a refresh token, which is good for one use",
            "RefreshToken",
            "200",
            signed_in(),
            &anyone,
        ),
        (
            "logout",
            "sign_out",
            "Ends all that came from the same login",
            "RefreshToken",
            "204",
            done(),
            &anyone,
        ),
        (
            "password",
            "change_password",
            "Changes your password and ends all your logins",
            "PasswordChange",
            "204",
            done(),
            &signed,
        ),
    ];
    let path = |(path, id, summary, schema, status, success, security)| {
        let post = json!({
            "operationId": id,
            "summary": summary,
            "tags": ["auth"],
            "security": security,
            "requestBody": body(&reference(schema)),
            "responses": with(problems(BODY_PROBLEMS), status, success),
        });
        (format!("/api/auth/{path}"), json!({"post": post}))
    };
    operations.map(path).into_iter().collect()
}

/// What is read and written there.
pub(super) fn schemas() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let secret = |min: u32, max: u32| json!({"type": "string", "minLength": min, "maxLength": max});
    let email = with(secret(1, 254), "pattern", json!(NOT_BLANK));
    let session = json!({
        "access_token": text, "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds"},
        "refresh_token": {"type": "string", "description": "Good for one use; used twice, it ends the login"},
        "refresh_expires_in": {"type": "integer", "description": "Seconds, where that is known"},
        "user": reference("Me"),
    });
    let fields = [
        ("Credentials", json!({"email": email, "password": secret(1, 72)})),
        ("RefreshToken", json!({"refresh_token": secret(1, 512)})),
        ("PasswordChange", json!({"current_password": secret(1, 72), "new_password": secret(8, 72)})),
    ];
    let written = fields.map(|(name, properties)| {
        let required: Vec<_> = properties.as_object().into_iter().flatten().map(|(name, _)| name).collect();
        (name, closed(json!({"type": "object", "required": required, "properties": properties})))
    });
    let required = ["access_token", "token_type", "expires_in", "refresh_token", "user"];
    let signed_in = json!({"type": "object", "required": required, "properties": session});
    let secret = json!({"type": "object", "required": ["secret"], "properties": {"secret": text}});
    let created = json!({"allOf": [reference(&name(&API_TOKENS)), secret]});
    let read = [("SignedIn", signed_in), (CREATED, created)];
    written.into_iter().chain(read).map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// The schema of an API token that has just been made.
const CREATED: &str = "CreatedApiToken";

/// An API token is not only a plain resource: its secret is told once, and it is revoked.
pub(super) fn describe_api_tokens(paths: &mut Map<String, Value>) {
    let path = format!("/api/v1/{}", API_TOKENS.path);
    if let Some(post) =
        paths.get_mut(&path).and_then(|path| path.get_mut("post")).and_then(Value::as_object_mut)
    {
        // Its answer is told once, so it cannot be repeated.
        post.remove("parameters");
        let made = answer("What was made, with its secret.", &reference(CREATED));
        post.insert("responses".to_owned(), with(problems(BODY_PROBLEMS), "201", made));
    }
    let revoke = json!({
        "operationId": "revoke_api_token",
        "summary": "Revokes an API token: it reads and writes nothing any more, and is refused within a minute",
        "tags": [API_TOKENS.path],
        "responses": with(problems(FIND_PROBLEMS), "204", json!({"description": "It is revoked."})),
    });
    if let Some(item) = paths.get_mut(&format!("{path}/{{id}}")).and_then(Value::as_object_mut) {
        item.insert("delete".to_owned(), revoke);
    }
}
