//! The store's errors for a gateway that is not there, does not answer, or is somebody else.

use anyhow::{Result, anyhow, bail};
use millwright_contract_tests::Caller;
use millwright_store::health::{Health, health};
use millwright_store::{StoreError, TransportError};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Answers nothing within this; everything else has far longer.
const SHORT: Duration = Duration::from_millis(500);
const LONG: Duration = Duration::from_secs(20);

/// Asks what `serve` makes of the one connection that it gets.
fn ask(
    deadline: Duration,
    serve: impl FnOnce(&mut TcpStream) -> io::Result<()> + Send,
) -> Result<StoreError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::scope(|scope| {
        let server = scope.spawn(move || listener.accept().and_then(|(mut stream, _)| serve(&mut stream)));
        let found = ask_at(&format!("http://{address}"), deadline);
        // That the client hung up is no failure: some of these tests are about just that.
        server.join().map_err(|_| anyhow!("the server panicked"))?.ok();
        found
    })
}

fn ask_at(url: &str, deadline: Duration) -> Result<StoreError> {
    let caller = Caller::with_deadline(url, Some("a token".to_owned()), deadline)?;
    let answer: Result<Health, _> = caller.ask(async |session| health(&session).await);
    match answer {
        Ok(health) => bail!("an answer out of nothing: {health:?}"),
        Err(error) => Ok(error),
    }
}

/// Reads the request: its head, and the body `{}` that the call of `health` has.
fn hear(stream: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n{}") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        request.extend(byte);
    }
    Ok(())
}

/// Keeps the connection until the client gives it up.
fn wait_until_it_hangs_up(stream: &mut TcpStream) {
    let mut unread = [0; 64];
    while stream.read(&mut unread).is_ok_and(|read| read > 0) {}
}

/// Hears the request out, says `text` and ends the connection.
fn say(stream: &mut TcpStream, text: &str) -> io::Result<()> {
    hear(stream)?;
    stream.write_all(text.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    wait_until_it_hangs_up(stream);
    Ok(())
}

#[test]
fn nobody_listens() -> Result<()> {
    // A port that was free a moment ago.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let error = ask_at(&format!("http://{address}"), LONG)?;
    assert!(matches!(error, StoreError::Transport(TransportError::Unreachable(_))), "{error:?}");
    Ok(())
}

#[test]
fn somebody_listens_and_never_answers() -> Result<()> {
    let error = ask(SHORT, |stream| {
        wait_until_it_hangs_up(stream);
        Ok(())
    })?;
    assert!(matches!(error, StoreError::Transport(TransportError::Deadline)), "{error:?}");
    Ok(())
}

#[test]
fn an_answer_that_never_ends_runs_into_the_same_deadline() -> Result<()> {
    let error = ask(SHORT, |stream| {
        hear(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"schema_")?;
        wait_until_it_hangs_up(stream);
        Ok(())
    })?;
    assert!(matches!(error, StoreError::Transport(TransportError::Deadline)), "{error:?}");
    Ok(())
}

#[test]
fn an_answer_that_breaks_off_is_none() -> Result<()> {
    let error = ask(LONG, |stream| say(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"schema_"))?;
    assert!(matches!(error, StoreError::Transport(TransportError::Unreachable(_))), "{error:?}");
    Ok(())
}

#[test]
fn a_page_of_something_in_between_is_a_refusal_that_says_so() -> Result<()> {
    let page = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<h1>Bad gateway</h1>";
    let error = ask(LONG, |stream| say(stream, page))?;
    let StoreError::Refused { status: 502, refusal } = &error else { bail!("{error:?}") };
    assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("", "<h1>Bad gateway</h1>"));
    assert_eq!((error.code(), refusal.column()), ("", None));
    Ok(())
}

#[test]
fn success_in_words_that_were_not_agreed_on_is_a_disagreement() -> Result<()> {
    let page = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<h1>Welcome to this hotel</h1>";
    let error = ask(LONG, |stream| say(stream, page))?;
    assert!(matches!(error, StoreError::Disagreement(_)), "{error:?}");
    Ok(())
}
