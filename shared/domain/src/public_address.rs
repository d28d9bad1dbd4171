//! Addresses that we call at someone's wish: webhooks, and the push services of browsers.
//!
//! They are told by people, and we stand where they do not. So an address must be one of the open internet, and it is judged
//! when it is written, and by the database again. Whoever is about to call it looks once more, because only a
//! [`PublicAddress`] can be called.

use std::ops::RangeInclusive;

use serde::Deserialize;

/// The longest address, in bytes.
pub const MAX_ADDRESS: usize = 2_000;
/// The longest name of a host.
const MAX_HOST: usize = 253;
/// The characters of each part of a name.
const LABEL: RangeInclusive<usize> = 1..=63;

/// Names with these ends are those of someone's own network or machine.
const PRIVATE_ENDS: [&str; 10] =
    ["localhost", "localdomain", "local", "internal", "intranet", "private", "corp", "home", "lan", "arpa"];

/// True for an address that we may call: `https`, the name of a host on the open internet, no user and no password.
///
/// It is judged by its letters and not by a parser, so that there is no second reading: a number is no name, in whatever form
/// it is written (`2130706433`, `0x7f.1`, `[::1]`), because the last part of a name begins with a letter.
#[must_use]
pub fn is_public(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://").filter(|_| address.len() <= MAX_ADDRESS) else {
        return false;
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    is_public_host(host) && port.is_none_or(is_port) && path.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_public_host(host: &str) -> bool {
    let Some((_, end)) = host.rsplit_once('.') else {
        return false;
    };
    let is_private = PRIVATE_ENDS.iter().any(|private| end.eq_ignore_ascii_case(private));
    let begins_with_a_letter = end.starts_with(|first: char| first.is_ascii_alphabetic());
    host.len() <= MAX_HOST
        && host.split('.').all(is_label)
        && end.len() > 1
        && begins_with_a_letter
        && !is_private
}

fn is_label(label: &str) -> bool {
    LABEL.contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// A port as it is usually written: neither a sign nor a zero before it.
fn is_port(text: &str) -> bool {
    text.parse().is_ok_and(|port: u16| port > 0 && text == port.to_string())
}

/// An address that was judged: nothing else makes one, so whoever calls it cannot forget to. What the database tells of an
/// address is read as this, at the moment of the call; a row with another one is unreadable, alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicAddress(String);

impl PublicAddress {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PublicAddress {
    type Error = &'static str;

    fn try_from(address: String) -> Result<Self, Self::Error> {
        if is_public(&address) { Ok(Self(address)) } else { Err("no public https address") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_public_becomes_an_address_to_call() {
        let read = |address: &str| serde_json::from_value::<PublicAddress>(address.into());
        assert_eq!(read("https://hooks.example/a").unwrap().as_str(), "https://hooks.example/a");
        for address in ["https://localhost/", "https://169.254.169.254/", "http://hooks.example/a", ""] {
            assert!(read(address).is_err(), "{address}");
        }
    }

    #[test]
    fn a_name_on_the_open_internet_is_public() {
        for address in [
            "https://hooks.example.com",
            "https://Hooks.Example.COM:8443/a/b?c=d&e=%20@f",
            "https://fcm.googleapis.com/fcm/send/abc:DEF-_",
            "https://a.xn--p1ai?x",
            "https://1.2.3.example:65535/",
            "https://localhost.example.com",
            "https://internal-hooks.example",
        ] {
            assert!(is_public(address), "{address}");
        }
    }

    #[test]
    fn another_scheme_and_another_shape_are_not() {
        for address in [
            "",
            "https://",
            "https:///",
            "https:/example.com",
            "https:example.com",
            "http://example.com",
            "HTTPS://example.com",
            "ftp://example.com",
            "javascript:alert(1)",
            " https://example.com",
            "https://example.com ",
            "https://example.com/a b",
            "https://example.com/\n",
            "https://exa\tmple.com",
            "https://example.com/é",
            "https://user@example.com",
            "https://user:password@example.com",
            "https://example.com\\@hooks.test",
            "https://example.com#fragment",
            "https://example.com:",
            "https://example.com:0",
            "https://example.com:065",
            "https://example.com:+80",
            "https://example.com:65536",
            "https://example..com",
            "https://.example.com",
            "https://-a.example",
            "https://a-.example",
            "https://a_b.example",
            "https://example.c",
        ] {
            assert!(!is_public(address), "{address:?}");
        }
        assert!(!is_public(&format!("https://example.com/{}", "x".repeat(MAX_ADDRESS))));
        assert!(!is_public(&format!("https://{}.example", "x".repeat(64))));
        assert!(!is_public(&format!("https://{}example", "x.".repeat(130))));
    }

    #[test]
    fn a_name_of_ones_own_network_is_not() {
        for host in [
            "localhost",
            "LocalHost",
            "localhost.",
            "a.localhost",
            "printer.local",
            "a.INTERNAL",
            "metadata.google.internal",
            "intranet",
            "a.intranet",
            "router.lan",
            "a.home",
            "1.0.0.127.in-addr.arpa",
            "a.localdomain",
            "example.com.",
        ] {
            assert!(!is_public(&format!("https://{host}/")), "{host}");
        }
    }

    #[test]
    fn a_number_is_not_in_whatever_form() {
        for host in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "8.8.8.8",
            "127.0.0.1.",
            "127.1",
            "127.0.1",
            "0",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "127.0.0.0x1",
            "0177.0.0.01",
            "017700000001",
            "127.0.0.%31",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "127。0。0。1",
            "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
            "[::1]",
            "[::]",
            "[fc00::1]",
            "[fe80::1]",
            "[fe80::1%25eth0]",
            "[ff02::1]",
            "[fd00:ec2::254]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
        ] {
            assert!(!is_public(&format!("https://{host}/")), "{host}");
            assert!(!is_public(&format!("https://{host}:8443")), "{host}");
        }
    }

    #[test]
    fn an_address_and_its_parts_are_as_long_as_they_may_be() {
        let long = |length: usize| is_public(&format!("https://example.de/{}", "x".repeat(length - 19)));
        assert!(long(2_000) && !long(2_001));
        let label = |length: usize| is_public(&format!("https://{}.example", "x".repeat(length)));
        assert!(label(1) && label(63) && !label(64));
        let host = |length: usize| {
            let three = format!("{}.", "x".repeat(63)).repeat(3);
            is_public(&format!("https://{three}{}.de", "x".repeat(length - 192 - 3)))
        };
        assert!(host(253) && !host(254));
        assert!(!is_public("https://example.1a") && is_public("https://example.a1"));
    }
}
