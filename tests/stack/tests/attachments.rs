//! A photo on its way: uploaded, stored, processed by the bucket's event, and read back without what nobody should get.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use millwright_stack_tests::picture::{SECRET, display_p3, photo};
use millwright_stack_tests::{Answer, Api, Site, eventually};
use serde_json::json;
use ureq::http::Method;

fn work_order(api: &Api, site: &Site) -> String {
    let order = json!({"type": "corrective", "title": "With a photo"});
    let token = site.token(api, "requester");
    api.post(&token, "/api/v1/work-orders", &order).expect(201)["id"].as_str().unwrap().to_owned()
}

fn content(api: &Api, token: &str, id: &str, variant: &str) -> Answer {
    api.get(token, &format!("/api/v1/attachments/{id}/content?variant={variant}"))
}

/// Width and height of a JPEG, from its frame header.
fn size(jpeg: &[u8]) -> (u16, u16) {
    let frame = jpeg.windows(2).position(|marker| matches!(marker, [0xFF, 0xC0..=0xC2])).expect("a frame");
    let number = |at: usize| u16::from_be_bytes([jpeg[frame + at], jpeg[frame + at + 1]]);
    (number(7), number(5))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The number of a site's files, in the database and in the bucket.
fn traces(api: &Api, site: &Site) -> (String, usize) {
    let control = api.stack.control().unwrap();
    let path = format!("/objects?bucket=wo-attachments&prefix={}", site.warehouse);
    let objects = api.send_to(control, &Method::GET, &path, &[], &[]).expect(200);
    let rows = format!("select count(*) from public.attachments where warehouse_id = '{}'", site.warehouse);
    (api.ask(&rows), objects.as_array().unwrap().len())
}

#[test]
fn a_photo_is_served_upright_small_and_without_metadata() {
    let api = Api::open();
    let site = Site::build(&api);
    let id = work_order(&api, &site);
    let token = site.token(&api, "requester");
    let sent = photo();
    assert!(contains(&sent, SECRET), "the test's own picture has something to hide");
    let uploaded = api.upload(&token, &id, "photo.jpg", &sent).expect(201);
    assert_eq!(uploaded["content_type"], "image/jpeg");
    let file = uploaded["id"].as_str().unwrap();

    let thumbnail = eventually("the thumbnail", || {
        let answer = content(&api, &token, file, "thumbnail");
        (answer.status == 200).then_some(answer)
    });
    assert_eq!(size(&thumbnail.body), (200, 200));
    assert!(thumbnail.header("etag").starts_with('"'));
    let display = content(&api, &token, file, "display");
    assert_eq!(size(&display.body), (480, 640), "turned upright");
    let original = content(&api, &token, file, "original");
    assert_eq!(size(&original.body), (640, 480), "its pixels are untouched");
    for answer in [&thumbnail, &display, &original] {
        assert_eq!(answer.header("content-type"), "image/jpeg");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!contains(&answer.body, SECRET));
    }
    let order = api.get(&token, &format!("/api/v1/work-orders/{id}")).expect(200);
    let attachment = &order["attachments"][0];
    assert_eq!((&attachment["state"], &attachment["width"]), (&json!("ready"), &json!(480)));
    assert_eq!(traces(&api, &site), ("1".to_owned(), 4), "the original and what is served of it");

    content(&api, &token, file, "huge").problem(422, "invalid");
    content(&api, &api.token("technician"), file, "thumbnail").problem(404, "not_found");
}

#[test]
fn a_photo_is_taken_by_its_bytes_whatever_a_phone_calls_it() {
    let api = Api::open();
    let site = Site::build(&api);
    let id = work_order(&api, &site);
    let token = site.token(&api, "requester");
    for (sent, kept) in [
        ("door.jfif", "door.jfif"),
        ("IMG_1.HEIC", "IMG_1.jpg"),
        ("door%202.5m", "door 2.5m.jpg"),
        ("photo.png", "photo.jpg"),
        ("a%2Fb.jpg", "a-b.jpg"),
        ("", "photo.jpg"),
    ] {
        let uploaded = api.upload(&token, &id, sent, &photo()).expect(201);
        assert_eq!((&uploaded["file_name"], &uploaded["content_type"]), (&json!(kept), &json!("image/jpeg")));
    }
    let of_jpeg = api.get("", "/api/config").expect(200)["file_types"][0]["extensions"].clone();
    assert!(of_jpeg.as_array().unwrap().contains(&json!("jfif")), "{of_jpeg}");
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let api = Api::open();
    let site = Site::build(&api);
    let id = work_order(&api, &site);
    let token = site.token(&api, "requester");
    let text = b"This is a text and no picture, whatever it is called.";
    api.upload(&token, &id, "photo.jpg", text).problem(415, "unsupported_media_type");
    let mut large = photo();
    large.resize(10 * 1024 * 1024, 0);
    api.upload(&token, &id, "photo.jpg", &large).problem(413, "too_large");
    let nameless = format!("/api/v1/work-orders/{id}/attachments");
    api.send(&Method::POST, &nameless, &[("authorization", &format!("Bearer {token}"))], &photo())
        .problem(422, "invalid");
    api.upload("a.b.c", &id, "photo.jpg", &photo()).problem(401, "unauthenticated");
    let unknown = "01900000-0000-7000-8000-00000000ffff";
    api.upload(&token, unknown, "photo.jpg", &photo()).problem(404, "not_found");
    api.upload(&api.token("technician"), &id, "photo.jpg", &photo()).problem(404, "not_found");
    assert_eq!(traces(&api, &site), ("0".to_owned(), 0));
}

#[test]
fn a_picture_that_is_broken_is_quarantined_with_a_reason() {
    let api = Api::open();
    let site = Site::build(&api);
    let id = work_order(&api, &site);
    let token = site.token(&api, "requester");
    let mut broken = photo();
    broken.truncate(broken.len() / 2);
    let file = api.upload(&token, &id, "photo.jpg", &broken).expect(201)["id"].clone();
    let attachment = eventually("a verdict", || {
        let order = api.get(&token, &format!("/api/v1/work-orders/{id}")).expect(200);
        let attachment = order["attachments"][0].clone();
        (attachment["state"] == "quarantined").then_some(attachment)
    });
    assert!(attachment["reason"].as_str().unwrap().contains("cut short"), "{attachment}");
    let answer = content(&api, &token, file.as_str().unwrap(), "original").problem(409, "not_ready");
    assert!(answer["detail"].as_str().unwrap().contains("quarantined"));
}

#[test]
fn a_phones_picture_is_shown_in_its_own_colours() {
    let api = Api::open();
    let site = Site::build(&api);
    let id = work_order(&api, &site);
    let token = site.token(&api, "requester");
    let file = api.upload(&token, &id, "IMG_2.HEIC", &display_p3([200, 100, 50])).expect(201)["id"].clone();
    let file = file.as_str().unwrap();
    for variant in ["thumbnail", "display"] {
        let jpeg = eventually("the picture", || {
            let answer = content(&api, &token, file, variant);
            (answer.status == 200).then_some(answer.body)
        });
        assert!(!contains(&jpeg, b"ICC_PROFILE"));
        let shown = jpeg_decoder::Decoder::new(&*jpeg).decode().unwrap();
        let is_near =
            shown.iter().zip([215_u8, 93, 31]).all(|(shown, expected)| shown.abs_diff(expected) <= 4);
        assert!(is_near, "{variant}: {:?}", &shown[..3]);
    }
    assert!(contains(&content(&api, &token, file, "original").body, b"ICC_PROFILE"));
}

/// Its last two bytes are lost on many a way, and every viewer shows it.
#[test]
fn a_jpeg_without_the_mark_of_its_end_is_ready_and_gets_it() {
    let api = Api::open();
    let site = Site::build(&api);
    let id = work_order(&api, &site);
    let token = site.token(&api, "requester");
    let mut open = photo();
    open.truncate(open.len() - 2);
    let file = api.upload(&token, &id, "photo.jpg", &open).expect(201)["id"].clone();
    let original = eventually("that it is ready", || {
        let answer = content(&api, &token, file.as_str().unwrap(), "original");
        (answer.status == 200).then_some(answer.body)
    });
    assert!(original.ends_with(&[0xFF, 0xD9]));
}

#[test]
fn the_limits_of_config_are_those_that_are_held_to_and_waiting_for_a_thumbnail_ends() {
    let api = Api::open();
    let config = api.get("", "/api/config").expect(200);
    let limits = config["file_types"][0]["renditions"].as_array().unwrap();
    let progressive = limits.iter().find(|limit| limit["coding"] == "progressive").unwrap();
    let most = progressive["max_pixels"].as_u64().unwrap();
    // One row more than fits, all of one colour.
    let (width, height) = (4_000_u16, u16::try_from(most / 4_000 + 1).unwrap());
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 50);
    encoder.set_progressive(true);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
    let pixels = vec![99; usize::from(width) * usize::from(height) * 3];
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    let site = Site::build(&api);
    let id = work_order(&api, &site);
    let token = site.token(&api, "requester");
    let file = api.upload(&token, &id, "large.jpg", &jpeg).expect(201)["id"].clone();
    let file = file.as_str().unwrap();
    let told = eventually("an end of its processing", || {
        let told = api.get(&token, &format!("/api/v1/attachments/{file}")).expect(200);
        (!matches!(told["state"].as_str(), Some("uploaded" | "processing"))).then_some(told)
    });
    assert_eq!((&told["state"], &told["has_renditions"]), (&json!("ready"), &json!(false)));
    assert!(told["reason"].as_str().unwrap().contains("too large to decode"), "{told}");
    content(&api, &token, file, "thumbnail").problem(404, "not_found");
    assert_eq!(content(&api, &token, file, "original").status, 200);
}
