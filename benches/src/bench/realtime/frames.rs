//! WebSocket by hand: a generator must cost less than what it measures.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

/// Any key will do: what the server makes of it is not checked.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const MASKED: u8 = 0x80;
/// Instead of a length: the length follows in two bytes.
const LONG: u8 = 0x7e;

/// An open socket.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What of the buffer was read.
    used: usize,
}

/// Where to connect, and as whom.
#[derive(Clone, Debug)]
pub(super) struct Door {
    pub(super) address: SocketAddr,
    /// Address to come from: 5,000 connections should not all come from one.
    pub(super) from: IpAddr,
    pub(super) path: &'static str,
    /// Further lines of the request, each with its line end.
    pub(super) headers: String,
}

impl Socket {
    /// Connects and upgrades.
    pub(super) async fn open(door: &Door) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(door.from, 0))?;
        let mut stream = socket.connect(door.address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{}\r\n",
            door.path, door.address, door.headers
        );
        stream.write_all(request.as_bytes()).await?;
        let mut socket = Self {
            stream,
            buffer: Vec::new(),
            used: 0,
        };
        let end = loop {
            if let Some(at) = socket
                .buffer
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
            {
                break at + 4;
            }
            socket.fill().await?;
        };
        if !socket.buffer.starts_with(b"HTTP/1.1 101") {
            let line = socket
                .buffer
                .split(|byte| *byte == b'\r')
                .next()
                .unwrap_or_default();
            let line = String::from_utf8_lossy(line).into_owned();
            return Err(io::Error::other(format!("no upgrade: {line}")));
        }
        socket.used = end;
        Ok(socket)
    }

    /// Sends bytes that [`frame`] made.
    pub(super) async fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.stream.write_all(frame).await
    }

    /// The next text frame's payload.
    pub(super) async fn receive(&mut self) -> io::Result<&[u8]> {
        let (from, to) = loop {
            match self.parse() {
                Some((TEXT, from, to)) => {
                    self.used = to;
                    break (from, to);
                }
                Some((CLOSE, ..)) => return Err(io::ErrorKind::ConnectionAborted.into()),
                Some((_, _, to)) => self.used = to,
                None => self.fill().await?,
            }
        };
        Ok(self.buffer.get(from..to).unwrap_or_default())
    }

    /// First byte, begin and end of the payload of the next whole frame.
    fn parse(&self) -> Option<(u8, usize, usize)> {
        let rest = self.buffer.get(self.used..)?;
        let (first, length) = (*rest.first()?, *rest.get(1)?);
        let (header, length) = match length {
            LONG => (
                4,
                usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?])),
            ),
            // A server of this protocol never sends 64 KiB in one frame.
            127 => return None,
            short => (2, usize::from(short)),
        };
        let from = self.used + header;
        (self.buffer.len() >= from + length).then_some((first, from, from + length))
    }

    /// Reads more, in place of what was used.
    async fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.used);
        self.used = 0;
        self.buffer.reserve(512);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// A text frame as a client sends it, masked with zeros: that is a valid mask and costs nothing.
pub(super) fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![TEXT];
    match u8::try_from(text.len()) {
        Ok(short) if short < 126 => frame.push(MASKED | short),
        _ => {
            let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
            frame.push(MASKED | LONG);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_the_protocol_says() {
        assert_eq!(frame("hi"), [0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
        let long = frame(&"x".repeat(200));
        assert_eq!(long.get(..4), Some(&[0x81, 0xFE, 0, 200][..]));
        assert_eq!(long.len(), 208);
    }
}
