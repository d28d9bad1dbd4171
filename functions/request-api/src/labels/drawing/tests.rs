//! A label is read back as a phone would: by another library than the one that drew it.

use super::*;
use millwright_store::labels::Lead;

fn label(asset_tag: &str, name: &str) -> Label {
    Label {
        asset_tag: asset_tag.to_owned(),
        name: name.to_owned(),
        model: "Forklift FX-25".to_owned(),
        area: Some("Yard".to_owned()),
        lead: Lead { scan_token: "abcdefghijklmnopqrst-_".to_owned(), qr_code_base_url: None },
    }
}

fn svg(label: &Label, address: &str) -> String {
    draw(label, address, 60.0).unwrap().into_string()
}

/// The text between the two, at their first occurrence.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

/// Draws the code's path with ten pixels a module, and reads it.
fn scanned(svg: &str) -> String {
    const SCALE: usize = 10;
    let path = between(svg, "<path d=\"", "\"");
    let side: usize = between(between(svg, "<svg x=", ">"), "viewBox=\"0 0 ", " ").parse().unwrap();
    let mut dark = vec![false; side * side];
    for bar in path.split('M').skip(1) {
        let (x, rest) = bar.split_once(' ').unwrap();
        let (y, length) = rest.split_once('h').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let length: usize = length.split_once('v').unwrap().0.parse().unwrap();
        dark[y * side + x..][..length].fill(true);
    }
    assert!(dark[..side * usize::try_from(QUIET).unwrap()].iter().all(|dark| !dark), "the quiet zone");
    let pixels = side * SCALE;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(pixels, pixels, |x, y| {
        if dark[y / SCALE * side + x / SCALE] { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn a_code_leads_where_it_should_whatever_the_address() {
    for address in [
        "http://127.0.0.1:8787/s/abcdefghijklmnopqrst-_",
        "https://a.b/s/x",
        &format!("https://{}/s/x", "é".repeat(300)),
    ] {
        assert_eq!(scanned(&svg(&label("RTM-FLT-01", "Forklift 1"), address)), *address);
    }
}

#[test]
fn a_label_has_its_size_and_its_words() {
    let svg = svg(&label("RTM-FLT-01", "Forklift 1"), "https://a.b/s/x");
    assert!(svg.contains(r#"width="60mm" height="30mm" viewBox="0 0 60 30""#), "{svg}");
    for words in [">RTM-FLT-01<", ">Forklift 1<", ">Forklift FX-25<", ">Yard<"] {
        assert!(svg.contains(words), "{words} in {svg}");
    }
}

#[test]
fn whatever_a_machine_is_called_is_text_and_nothing_else() {
    let svg = svg(&label("<script>&\"'", "a\u{1}</text><image href=\"//x\"/>"), "https://a.b/s/x");
    assert!(!svg.contains("<script") && !svg.contains("<image") && !svg.contains('\u{1}'), "{svg}");
    assert!(svg.contains("&lt;script&gt;&amp;&quot;"), "{svg}");
}

#[test]
fn the_longest_words_stay_on_the_label() {
    for char in ["W", "漢", "i"] {
        let svg = svg(&label(&char.repeat(50), &char.repeat(100)), "https://a.b/s/x");
        let tag: String =
            svg.split("font-weight=\"bold\">").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        assert_eq!(tag, char.repeat(50), "all of the tag");
        let lowest = svg.split(" y=\"").filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok());
        assert!(lowest.fold(0.0, f64::max) < HEIGHT - MARGIN / 2.0, "{svg}");
    }
}

#[test]
fn an_address_that_no_code_holds_is_refused() {
    assert!(draw(&label("A", "B"), &"x".repeat(4_000), 60.0).is_err());
}
