//! Colour profiles (ICC.1) without what they tell besides colours.
//!
//! Without its profile a picture's pixels are of other colours, so a clean copy needs it. But a profile is metadata, too:
//! it names its maker, its device and its day, and has room for any text. So it is written anew of the numbers that
//! colours are computed with: an allow list of tags, each of a known type and exactly as long as that type is. What is
//! left says no more than the pixels do, and is bounded. A profile that needs anything else is left out.

use super::bytes::{self, be16, be32, length};

/// The most bytes of a profile that is kept. Those of screens and cameras have some hundreds, those of printers more.
const LONGEST: usize = 512 * 1024;
const HEADER: usize = 128;
const TAG: usize = 12;

/// The profile of these numbers alone. Once more, it stays as it is.
pub(super) fn harmless(profile: &[u8]) -> Option<Vec<u8>> {
    let kept = tags(profile, bytes::array(profile, 16)?)?;
    let mut out = header(profile)?.to_vec();
    out.extend_from_slice(&u32::try_from(kept.len()).ok()?.to_be_bytes());
    let mut bodies: Vec<u8> = Vec::new();
    let start = HEADER + 4 + kept.len() * TAG;
    let mut places: Vec<(&[u8], usize)> = Vec::new();
    for (name, body) in &kept {
        // Red, green and blue often share one curve.
        let shared = places.iter().find(|(other, _)| other == body).map(|(_, at)| *at);
        let at = shared.unwrap_or(start + bodies.len());
        if shared.is_none() {
            places.push((body, at));
            bodies.extend_from_slice(body);
            bodies.resize(bodies.len().next_multiple_of(4), 0);
        }
        out.extend_from_slice(*name);
        out.extend_from_slice(&u32::try_from(at).ok()?.to_be_bytes());
        out.extend_from_slice(&u32::try_from(body.len()).ok()?.to_be_bytes());
    }
    out.append(&mut bodies);
    let whole = u32::try_from(out.len()).ok()?.to_be_bytes();
    out.get_mut(..4)?.copy_from_slice(&whole);
    (out.len() <= LONGEST).then_some(out)
}

/// The header without maker, device, day and id.
fn header(profile: &[u8]) -> Option<[u8; HEADER]> {
    let mut out = [0; HEADER];
    // Version, class, colours, and the space that they are converted to.
    out.get_mut(8..10)?.copy_from_slice(profile.get(8..10)?);
    for (at, known) in [
        (12, [b"scnr", b"mntr", b"prtr", b"spac"].as_slice()),
        (16, &[b"RGB ", b"GRAY", b"CMYK"]),
        (20, &[b"XYZ ", b"Lab "]),
        (36, &[b"acsp"]),
    ] {
        let said = profile.get(at..)?.first_chunk()?;
        if !known.contains(&said) {
            return None;
        }
        out.get_mut(at..at + 4)?.copy_from_slice(said);
    }
    // The rendering intent, and the one illuminant that there is: D50.
    *out.get_mut(67)? = *profile.get(67)? & 3;
    out.get_mut(68..80)?.copy_from_slice(b"\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D");
    Some(out)
}

/// The tags that stay, in a fixed order. `None` if they do not make a profile.
fn tags(profile: &[u8], space: [u8; 4]) -> Option<Vec<(&'static [u8; 4], &[u8])>> {
    let find = |name: &'static [u8; 4]| tag(profile, *name).map(|body| (name, body));
    let all = |names: &[&'static [u8; 4]]| names.iter().map(|name| find(name)).collect::<Option<Vec<_>>>();
    let by_curves = match &space {
        b"RGB " => all(&[b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"]),
        b"GRAY" => all(&[b"kTRC"]),
        _ => None,
    };
    let mut kept = match by_curves {
        Some(kept) => kept,
        // By tables, as printers and scanners have them.
        None => all(&[b"A2B0"])?.into_iter().chain(find(b"A2B1")).collect(),
    };
    kept.extend(find(b"wtpt").into_iter().chain(find(b"chad")));
    Some(kept)
}

fn tag(profile: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let entries = profile.get(HEADER + 4..)?.chunks_exact(TAG).take(length(be32(profile, HEADER)?));
    let entry = entries.into_iter().find(|entry| entry.starts_with(&name))?;
    let body = profile.get(length(be32(entry, 4)?)..)?.get(..length(be32(entry, 8)?))?;
    let body = body.get(..numbers(body, name)?)?;
    // Nothing is said in what is reserved.
    (body.get(4..8)? == [0; 4]).then_some(body)
}

/// The length of a tag of nothing but numbers; `None` if it is none.
fn numbers(body: &[u8], name: [u8; 4]) -> Option<usize> {
    let count = |at| be16(body, at).map(usize::from);
    match (&name, body.first_chunk::<4>()?) {
        (b"rXYZ" | b"gXYZ" | b"bXYZ" | b"wtpt", b"XYZ ") => Some(20),
        (b"chad", b"sf32") => Some(44),
        (b"rTRC" | b"gTRC" | b"bTRC" | b"kTRC", b"curv") => {
            length(be32(body, 8)?).checked_mul(2)?.checked_add(12)
        }
        (b"rTRC" | b"gTRC" | b"bTRC" | b"kTRC", b"para") if count(10)? == 0 => {
            [1, 3, 4, 5, 7].get(count(8)?).map(|parameters| 12 + 4 * parameters)
        }
        (b"A2B0" | b"A2B1", b"mft1" | b"mft2") if *body.get(11)? == 0 => {
            let [inputs, outputs, grid] = bytes::array(body, 8)?.map(usize::from);
            let grid = grid.checked_pow(u32::try_from(inputs).ok()?)?.checked_mul(outputs)?;
            let numbers = |before: usize, after: usize| {
                grid.checked_add(inputs.checked_mul(before)?)?.checked_add(outputs.checked_mul(after)?)
            };
            match body.get(3)? {
                b'1' => numbers(256, 256)?.checked_add(48),
                _ => numbers(count(48)?, count(50)?)?.checked_mul(2)?.checked_add(52),
            }
        }
        _ => None,
    }
}
