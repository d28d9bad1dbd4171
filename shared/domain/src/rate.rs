//! Limits of how often someone may do something. The database counts, in the transaction of the deed itself.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// At most so many times in a span of time, which begins with the first of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// The most times.
    pub max: u32,
    /// The span in seconds.
    pub seconds: u32,
}

/// A text that is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a number of times and of seconds, such as 5/900")]
pub struct NotARate;

impl FromStr for Rate {
    type Err = NotARate;

    /// Reads `5/900`: five times in 900 seconds.
    fn from_str(text: &str) -> Result<Self, NotARate> {
        let number = |text: &str| text.trim().parse().ok().filter(|number| (1..=1_000_000).contains(number));
        let (max, seconds) = text.split_once('/').ok_or(NotARate)?;
        Ok(Self { max: number(max).ok_or(NotARate)?, seconds: number(seconds).ok_or(NotARate)? })
    }
}

/// The address that another one is counted as: an `IPv6` address stands for its /64 network, because whoever
/// has one of those has all of its addresses.
#[must_use]
pub fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_and_nothing_else() {
        assert_eq!("5/900".parse(), Ok(Rate { max: 5, seconds: 900 }));
        for text in ["", "5", "5/", "/900", "0/900", "5/0", "-5/900", "5/900/1", "five/900"] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }

    #[test]
    fn neighbours_in_a_network_are_counted_as_one() {
        let counted = |text: &str| counted_as(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), counted("2001:db8:1:2:ffff::1"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("203.0.113.7"), "203.0.113.7");
        assert_eq!(counted("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
