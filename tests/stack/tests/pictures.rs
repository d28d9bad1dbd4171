//! Pictures at addresses that an `<img>` can show: told in the rows of attachments, good for whoever has them, until they end.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use millwright_stack_tests::picture::{SECRET, photo};
use millwright_stack_tests::{Answer, Api, Site, eventually, now};
use serde_json::{Value, json};
use sha2::Sha256;
use ureq::http::Method;

/// A photo that can be read, and the work order that it is of.
struct Shown {
    site: Site,
    token: String,
    order: String,
    row: Value,
}

fn show(api: &Api, name: &str, bytes: &[u8]) -> Shown {
    let site = Site::build(api);
    let token = site.token(api, "requester");
    let order = json!({"type": "corrective", "title": "With a photo"});
    let order =
        api.post(&token, "/api/v1/work-orders", &order).expect(201)["id"].as_str().unwrap().to_owned();
    let uploaded = api.upload(&token, &order, name, bytes).expect(201);
    assert_eq!(uploaded["addresses"], Value::Null, "it cannot be read yet");
    let path = format!("/api/v1/attachments/{}", uploaded["id"].as_str().unwrap());
    let row = eventually("that it can be read", || {
        let row = api.get(&token, &path).expect(200);
        match row["state"].as_str() {
            Some("uploaded" | "processing") => {
                assert_eq!(row["addresses"], Value::Null);
                None
            }
            _ => Some(row),
        }
    });
    assert_eq!(row["state"], "ready", "{row}");
    Shown { site, token, order, row }
}

/// As an `<img>` asks: without a token.
fn seen(api: &Api, path: &str, headers: &[(&str, &str)]) -> Answer {
    api.send(&Method::GET, path, headers, &[])
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_picture_is_shown_at_the_address_that_its_row_tells() {
    let api = Api::open();
    let Shown { token, order, row, .. } = show(&api, "photo.jpg", &photo());
    let id = row["id"].as_str().unwrap();
    for variant in ["original", "display", "thumbnail"] {
        let path = api.address(row["addresses"][variant].as_str().unwrap());
        let picture = seen(&api, path, &[]);
        assert_eq!(picture.status, 200);
        assert_eq!(picture.header("content-type"), "image/jpeg");
        assert_eq!(picture.header("cache-control"), "private, max-age=31536000, immutable");
        assert_eq!(picture.header("vary"), "origin");
        assert_eq!(picture.header("cross-origin-resource-policy"), "cross-origin");
        assert_eq!(picture.header("x-content-type-options"), "nosniff");
        assert!(!contains(&picture.body, SECRET));
        let content = api.get(&token, &format!("/api/v1/attachments/{id}/content?variant={variant}"));
        assert!(picture.body == content.body && picture.header("etag") == content.header("etag"));
        assert_eq!(content.header("vary"), "authorization, origin");
    }
    // The same in every row, for everyone.
    let leader = api.token("manager");
    let lists = [
        format!("/api/v1/attachments?work_order_id={order}"),
        format!("/api/v1/attachments?work_order_id={order}&limit=1"),
        format!("/api/v1/work-orders/{order}/attachments"),
    ];
    for list in lists {
        assert_eq!(api.get(&leader, &list).expect(200)[0]["addresses"], row["addresses"], "{list}");
    }
    let above = api.get(&token, &format!("/api/v1/work-orders/{order}"));
    assert!(above.header("etag").starts_with(&format!("\"{}-", above.json()["version"])));
    assert_eq!(above.json()["attachments"][0]["addresses"], row["addresses"]);
    let listed =
        api.get(&token, &format!("/api/v1/work-orders?ids={order}&include=attachments&limit=1")).expect(200);
    assert_eq!(listed[0]["attachments"][0]["addresses"], row["addresses"]);
    let below = api.get(&token, &format!("/api/v1/work-orders/{order}/attachments/{id}")).expect(200);
    assert_eq!(below["addresses"], row["addresses"]);
    // Of a row that is told in part there is none.
    let part = api.get(&token, &format!("/api/v1/attachments/{id}?fields=state")).expect(200);
    assert_eq!((&part["state"], &part["addresses"]), (&json!("ready"), &Value::Null));
}

#[test]
fn whoever_has_a_picture_is_not_sent_it_again() {
    let api = Api::open();
    let Shown { token, row, .. } = show(&api, "photo.jpg", &photo());
    let shown = api.address(row["addresses"]["display"].as_str().unwrap()).to_owned();
    let content = format!("/api/v1/attachments/{}/content?variant=display", row["id"].as_str().unwrap());
    let bearer = format!("Bearer {token}");
    for (path, vary) in [(shown, "origin"), (content, "authorization, origin")] {
        let authorized = ("authorization", &*bearer);
        let whole = seen(&api, &path, &[authorized]);
        let etag = whole.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 10, "a strong one: {etag}");
        for known in [&etag, &format!("W/{etag}"), &format!("\"x\", {etag}"), "*"] {
            let again = seen(&api, &path, &[authorized, ("if-none-match", known)]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{path} {known}");
            assert_eq!((again.header("etag"), again.header("vary")), (&*etag, vary));
            assert_eq!(again.header("cache-control"), whole.header("cache-control"));
        }
        let other = seen(&api, &path, &[authorized, ("if-none-match", "\"x\"")]);
        assert!(other.status == 200 && other.body == whole.body);
        let head = api.send(&Method::HEAD, &path, &[authorized], &[]);
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), whole.body.len().to_string());
        assert_eq!((head.header("etag"), head.header("content-type")), (&*etag, "image/jpeg"));
    }
}

/// Signs as the API does, by what is documented.
fn signed(api: &Api, warehouse: &str, id: &str, variant: &str, until: &str) -> String {
    let mut hash = Hmac::<Sha256>::new_from_slice(api.stack.picture_secret.as_bytes()).unwrap();
    hash.update(format!("{until} {warehouse} {id} {variant}").as_bytes());
    let signature = BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize().into_bytes()[..16]);
    format!("/api/v1/pictures/{warehouse}/{id}/{variant}?until={until}&signature={signature}")
}

#[test]
fn an_address_shows_one_form_of_one_picture_until_it_ends() {
    let api = Api::open();
    let Shown { site, row, .. } = show(&api, "photo.jpg", &photo());
    let (id, path) =
        (row["id"].as_str().unwrap(), api.address(row["addresses"]["thumbnail"].as_str().unwrap()));
    let until = path.split_once("until=").unwrap().1.split_once('&').unwrap().0;
    assert_eq!(path, signed(&api, &site.warehouse, id, "thumbnail", until));
    let day = |days: u64| (now(&api).date_naive() + chrono::Days::new(days)).to_string();
    assert!([day(1), day(2)].contains(&until.to_owned()), "{until}");

    let other = Site::build(&api);
    let signature = path.rsplit_once('=').unwrap().1;
    let turned: String = signature.chars().rev().collect();
    for forged in [
        path.replace("/thumbnail?", "/original?"),
        path.replace("/thumbnail?", "/huge?"),
        path.replace(id, "01900000-0000-7000-8000-00000000ffff"),
        path.replace(id, "x"),
        path.replace(&site.warehouse, &other.warehouse),
        path.replace(until, &day(30)),
        path.replace(signature, &turned),
        path.replace(signature, ""),
        path.replace(signature, &signature[..11]),
        path.replace("signature=", "signatur="),
        path.split('?').next().unwrap().to_owned(),
    ] {
        seen(&api, &forged, &[]).problem(404, "not_found");
    }
    // Signed, but of no picture.
    let nothing = signed(&api, &site.warehouse, "01900000-0000-7000-8000-00000000ffff", "thumbnail", until);
    seen(&api, &nothing, &[]).problem(404, "not_found");
    // A token does not help.
    let bearer = format!("Bearer {}", api.token("admin"));
    seen(&api, &path.replace(signature, &turned), &[("authorization", &bearer)]).problem(404, "not_found");

    let today = day(0);
    let ended =
        seen(&api, &signed(&api, &site.warehouse, id, "thumbnail", &today), &[]).problem(403, "forbidden");
    assert!(ended["detail"].as_str().unwrap().contains("has ended"), "{ended}");
    assert_eq!(seen(&api, path, &[]).status, 200);
}

/// Of pictures as presses, screens and cut transfers have them; the colours are those in which other programs show them.
#[test]
fn pictures_of_other_programs_are_shown_in_their_colours() {
    let api = Api::open();
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/file-processor/fixtures/pictures");
    let file = |name: &str| std::fs::read(format!("{fixtures}/{name}")).unwrap();
    let shown: Value = serde_json::from_slice(&file("shown.json")).unwrap();
    for (name, missing) in [
        ("ycck.jpg", 0),
        ("cmyk_profile.jpg", 0),
        ("cicp_p3.png", 0),
        ("gama_linear_16.png", 0),
        ("cicp_pq_16.png", 0),
        ("lossy.webp", 1),
        ("srgb.png", 18),
    ] {
        let bytes = file(name);
        let Shown { row, .. } = show(&api, name, &bytes[..bytes.len() - missing]);
        let display = seen(&api, api.address(row["addresses"]["display"].as_str().unwrap()), &[]).body;
        let pixels = jpeg_decoder::Decoder::new(&*display).decode().unwrap();
        for (at, expected) in shown[name].as_array().unwrap().iter().enumerate() {
            // Three by two patches of 32 pixels.
            let (x, y) = (16 + 32 * (at % 3), 16 + 32 * (at / 3));
            let pixel = &pixels[3 * (96 * y + x)..][..3];
            let is_near = pixel
                .iter()
                .zip(expected.as_array().unwrap())
                .all(|(shown, expected)| i64::from(*shown).abs_diff(expected.as_i64().unwrap()) <= 4);
            assert!(is_near, "{name}: {pixel:?} instead of {expected}");
        }
    }
}
