//! Signing in, as OpenAPI describes it.

use millwright_domain::permission::Permission;
use millwright_domain::resource::{INVITATION, OWN_PROFILE, PROFILES};
use serde_json::{Map, Value, json};

use crate::openapi::{
    ADDRESS, NOT_BLANK, answer, answers, body, closed, done, idempotency_key, name, object, reference, with,
};
use millwright_domain::access::Role;

/// `POST /api/auth/login`.
pub(super) fn login() -> Value {
    let summary = "A session for an address and a password";
    let about = "Whoever guesses is slowed: 429.";
    post("signIn", summary, about, "Credentials", ("200", signed_in()))
}

/// `POST /api/auth/refresh`.
pub(super) fn refresh() -> Value {
    let summary = "The next session for a refresh token";
    let about = "A refresh token is good for one use, and for 30 seconds for the same successor.";
    post("refreshSession", summary, about, "RefreshToken", ("200", signed_in()))
}

/// `POST /api/auth/logout`.
pub(super) fn logout() -> Value {
    post(
        "signOut",
        "Ends the session",
        "All that came from the same login ends.",
        "RefreshToken",
        ("204", done()),
    )
}

/// `POST /api/auth/password`.
pub(super) fn password() -> Value {
    let summary = "Changes your password";
    post("changePassword", summary, "All your logins end.", "PasswordChange", ("204", done()))
}

/// `POST /api/auth/forgot`.
pub(super) fn forgot() -> Value {
    let summary = "Sends a link to whoever has forgotten their password";
    let about = "By mail, good for an hour, once. Whether the address is anyone's is not told.";
    post("sendPasswordLink", summary, about, "Forgotten", ("204", done()))
}

/// `POST /api/auth/accept`.
pub(super) fn accept() -> Value {
    let summary = "Sets a password by the link of a mail";
    let about = "Of an invitation, or after it was forgotten. All your other logins end.";
    post("setPassword", summary, about, "Acceptance", ("200", signed_in()))
}

/// `POST /api/auth/email`.
pub(super) fn email() -> Value {
    let summary = "Sends a link to the address that you want to have";
    let about = "It holds once it is confirmed, within 24 hours. Whether it is someone else's is not told.";
    post("changeEmail", summary, about, "EmailChange", ("204", done()))
}

/// `POST /api/auth/email/confirm`.
pub(super) fn confirm() -> Value {
    let summary = "Confirms an address by the link of a mail";
    post("verifyEmail", summary, "The former address is told.", "LinkToken", ("204", done()))
}

/// `POST /api/v1/profiles/{id}/invite`.
pub(super) fn invite() -> Value {
    let until =
        json!({"type": "string", "format": "date-time", "description": "The link is good until then"});
    let invited = json!({"type": "object", "required": ["expires_at"], "properties": {"expires_at": until}});
    json!({
        "operationId": "sendInvitation",
        "summary": "Invites a person once more",
        "description": "By mail, with a link that is good for 72 hours, once; the link before ends. A person who is created is invited already. 409 for one who has a password.",
        "tags": [PROFILES.path],
        "parameters": [idempotency_key()],
        "requestBody": body(&reference(&name(&INVITATION))),
        "responses": answers("200", answer("Until when the link is good.", &invited)),
    })
}

/// `GET /api/auth/me`.
pub(super) fn me() -> Value {
    let summary = "Whose token it is";
    json!({
        "operationId": "getMe",
        "summary": summary,
        "description": "The person or service account.",
        "tags": ["system"],
        "responses": answers("200", answer(summary, &reference("Myself"))),
    })
}

/// `PATCH /api/auth/me`.
pub(super) fn change_me() -> Value {
    let summary = "Changes what people may change of themselves";
    json!({
        "operationId": "updateMe",
        "summary": summary,
        "description": "Your name, phone, language or time zone. The rest of a profile is an administrator's.",
        "tags": ["system"],
        "requestBody": body(&reference("OwnProfileChange")),
        "responses": answers("200", answer("As you are now.", &reference("Myself"))),
    })
}

fn post(id: &str, summary: &str, about: &str, schema: &str, (status, success): (&str, Value)) -> Value {
    json!({
        "operationId": id,
        "summary": summary,
        "description": about,
        "tags": ["auth"],
        "requestBody": body(&reference(schema)),
        "responses": answers(status, success),
    })
}

fn signed_in() -> Value {
    answer("Signed in.", &reference("SignedIn"))
}

/// Their bodies and answers.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let text = json!({"type": "string"});
    let secret = |min: u32, max: u32| json!({"type": "string", "minLength": min, "maxLength": max});
    let device = json!({
        "type": ["string", "null"], "minLength": 1, "maxLength": 512,
        "description": "The one that an earlier login on this device was told",
    });
    let email = with(secret(1, 254), "pattern", json!(NOT_BLANK));
    let session = json!({
        "access_token": text, "token_type": {"const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds"},
        "refresh_token": {
            "type": "string",
            "description": "Good for one use, which may be repeated within 30 seconds; used later again, it ends the login",
        },
        "refresh_expires_in": {"type": "integer", "description": "Seconds, where that is known"},
        "device": {
            "type": "string",
            "description": "Of a login. Keep it, and send it with the next one: others' wrong passwords do not keep it out",
        },
        "user": reference("Me"),
    });
    let fields = [
        ("Credentials", json!({"email": email.clone(), "password": secret(1, 72), "device": device})),
        ("RefreshToken", json!({"refresh_token": secret(1, 512)})),
        ("Forgotten", json!({"email": email.clone()})),
        ("Acceptance", json!({"token": secret(1, 512), "password": secret(8, 72)})),
        (
            "EmailChange",
            json!({"email": with(email.clone(), "pattern", json!(ADDRESS)), "current_password": secret(1, 72)}),
        ),
        ("LinkToken", json!({"token": secret(1, 512)})),
        ("PasswordChange", json!({"current_password": secret(1, 72), "new_password": secret(8, 72)})),
    ];
    let written = fields.map(|(name, properties)| {
        let names = properties.as_object().into_iter().flatten().map(|(name, _)| name);
        let required: Vec<_> = names.filter(|name| *name != "device").collect();
        (name, closed(json!({"type": "object", "required": required, "properties": properties})))
    });
    let required = ["access_token", "token_type", "expires_in", "refresh_token", "user"];
    let signed_in = json!({"type": "object", "required": required, "properties": session});
    let person = json!({
        "type": "object",
        "required": ["id", "email", "full_name", "role", "warehouse_id"],
        "properties": {
            "id": {"type": "string", "format": "uuid"}, "email": text, "full_name": text, "role": {"type": "string", "enum": Role::WORDS},
            "warehouse_id": {"type": ["string", "null"], "format": "uuid"},
        },
    });
    let maybe = json!({"type": ["string", "null"]});
    let permissions = json!({"type": "array", "items": {"type": "string", "enum": Permission::WORDS}});
    let with_permissions = json!({
        "type": "object", "required": ["permissions", "phone", "locale", "time_zone"], "properties": {
            "phone": maybe, "time_zone": with(maybe.clone(), "description", json!("Null: that of your warehouse")),
            "locale": with(maybe.clone(), "description", json!("A language, such as `nl` or `pt-BR`")), "permissions": with(permissions, "description", json!("What your role may do"))},
    });
    let myself = json!({"allOf": [reference("Me"), with_permissions]});
    let own = closed(object(&OWN_PROFILE, |_| true, |_| false));
    let read = [("SignedIn", signed_in), ("Me", person), ("Myself", myself), ("OwnProfileChange", own)];
    schemas.extend(written.into_iter().chain(read).map(|(name, schema)| (name.to_owned(), schema)));
}
