//! A question in a peer's own protocol: that a port is open says little.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// The longest one answer may take: a first one loads half the program.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const MOST: u64 = 65_536;

/// What is asked, and what the answer contains once the peer is ready.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// Where it is posted.
    pub(super) path: &'static str,
    /// Headers that the protocol asks for, each with its line end.
    pub(super) headers: &'static str,
    pub(super) body: &'static str,
    pub(super) answer: &'static str,
}

impl Question {
    /// Whether the peer answers as it must.
    ///
    /// # Errors
    /// If nobody listens, or not in time.
    pub(super) fn ask(&self, address: SocketAddr) -> io::Result<bool> {
        let Self {
            path,
            headers,
            body,
            answer,
        } = self;
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let length = body.len();
        // In one piece: some answer before they have read a second one.
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let mut said = Vec::new();
        stream.take(MOST).read_to_end(&mut said)?;
        let said = String::from_utf8_lossy(&said);
        Ok(said.starts_with("HTTP/1.1 200") && said.contains(answer))
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    const QUESTION: Question = Question {
        path: "/names",
        headers: "X-Amz-Target: Service.List\r\n",
        body: "{}",
        answer: "Names",
    };

    fn asked(answer: &'static str) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let peer = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"{}") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(request).unwrap()
        });
        let ready = QUESTION.ask(address);
        let request = peer.join().unwrap();
        assert!(
            request.contains("\r\nX-Amz-Target: Service.List\r\n"),
            "{request}"
        );
        ready.unwrap()
    }

    #[test]
    fn only_the_right_answer_says_that_it_is_ready() {
        assert!(asked("HTTP/1.1 200 OK\r\n\r\n{\"Names\":[]}"));
        assert!(!asked("HTTP/1.1 200 OK\r\n\r\n{\"message\":\"starting\"}"));
        assert!(!asked("HTTP/1.1 500 Oh\r\n\r\n{\"Names\":[]}"));
        assert!(!asked(""));
    }

    #[test]
    fn nobody_there_is_an_error() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        assert!(QUESTION.ask(address).is_err());
    }
}
