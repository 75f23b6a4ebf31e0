//! The few HTTP/2 frames that a hostile server needs (RFC 9113).

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Act, SeenRequest};

const PREFACE: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The first request of a connection; the next one is on stream 3.
pub const FIRST_STREAM: u32 = 1;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length.get(1..).unwrap().to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// `GOAWAY`: no stream of this connection was looked at.
pub fn go_away() -> Act {
    Act::Send(frame(GOAWAY, 0, 0, &[0; 8]))
}

/// `RST_STREAM` with `REFUSED_STREAM`, on the first stream.
pub fn refused_stream() -> Act {
    Act::Send(frame(RST_STREAM, 0, FIRST_STREAM, &7_u32.to_be_bytes()))
}

/// A response of status 200 with this body, on this stream.
pub fn response(stream: u32, body: &[u8]) -> Act {
    // Static table: 8 is `:status 200`; 31 is `content-type`, a literal value follows.
    let kind = b"text/event-stream";
    let mut headers = vec![0x88, 0x5F, u8::try_from(kind.len()).unwrap()];
    headers.extend(kind);
    let mut bytes = frame(HEADERS, END_HEADERS, stream, &headers);
    bytes.extend(frame(DATA, END_STREAM, stream, body));
    Act::Send(bytes)
}

/// Exchanges the prefaces.
pub(super) async fn greet(stream: &mut TcpStream) -> Option<()> {
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.ok()?;
    let mut preface = [0_u8; PREFACE];
    stream.read_exact(&mut preface).await.ok()?;
    Some(())
}

/// Reads the frames up to the end of the next request.
pub(super) async fn read(stream: &mut TcpStream) -> Option<SeenRequest> {
    let mut request = SeenRequest::default();
    loop {
        let mut head = [0_u8; 9];
        stream.read_exact(&mut head).await.ok()?;
        let [one, two, three, kind, flags, ..] = head;
        let length = u32::from_be_bytes([0, one, two, three]);
        let mut payload = vec![0_u8; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await.ok()?;
        if kind == DATA {
            request.body.extend(payload);
        }
        if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            return Some(request);
        }
    }
}
