//! Ports on 127.0.0.1.

use anyhow::{Context, Result, bail};
use std::net::{Ipv4Addr, TcpListener};

/// Which port something should listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// Any free one.
    Free,
    /// This one, or a free one when it is taken.
    Usual(u16),
    /// This one and no other.
    Exactly(u16),
}

/// A port that nobody else gets until this is released.
pub(crate) struct Held {
    listener: TcpListener,
    wanted: Port,
}

impl Held {
    /// The number.
    pub(crate) fn number(&self) -> Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// The usual port, when this is another one because that was taken.
    pub(crate) fn instead_of(&self) -> Option<u16> {
        match (self.wanted, self.number()) {
            (Port::Usual(usual), Ok(number)) if usual != number => Some(usual),
            _ => None,
        }
    }
}

/// Takes a port and holds it. Several are held together, so that no two are the same.
pub(crate) fn hold(wanted: Port) -> Result<Held> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match wanted {
        Port::Free => bind(0).context("finding a free port")?,
        Port::Usual(port) => bind(port).or_else(|_| bind(0)).context("finding a free port")?,
        Port::Exactly(port) => match bind(port) {
            Ok(listener) => listener,
            Err(error) => {
                bail!("port {port} cannot be used ({error}); choose another with --port")
            }
        },
    };
    Ok(Held { listener, wanted })
}

/// True when nobody listens on `port`.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_usual_port_gives_another_one() {
        let first = hold(Port::Free).unwrap();
        let taken = first.number().unwrap();
        let second = hold(Port::Usual(taken)).unwrap();
        assert_ne!(second.number().unwrap(), taken);
        assert_eq!(second.instead_of(), Some(taken));
        assert!(!is_free(taken));
    }

    #[test]
    fn a_taken_exact_port_is_an_error_that_names_it() {
        let first = hold(Port::Free).unwrap();
        let taken = first.number().unwrap();
        let error = hold(Port::Exactly(taken)).err().unwrap().to_string();
        assert!(error.contains(&taken.to_string()), "{error}");
    }
}
