//! The load: connections that stand still, ask and wait, or ask by the clock.

use std::{io, time::Duration};

use anyhow::Context as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use innerworld_core::ids::MessageId;
use tokio::{task::JoinSet, time::Instant};

use super::{
    super::quantile::Times,
    frames::{Socket, frame},
    peers::Peer,
};

/// Handshakes at the same time.
const OPENING: usize = 50;
/// What the load asks; with its wrapping about 200 bytes.
const TEXT: &str = "We practised the song again after school, and this time I did not stop in \
                    the middle of it, even with all of the others there.";

/// What is asked again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// A message; an echo server says it back, InnerWorld stores and acknowledges it.
    Message,
    /// A frame that is answered and not stored.
    Ping,
}

/// A connection that asks.
pub(super) struct Asker {
    socket: Socket,
    echo: bool,
    /// Makes message ids that nobody else makes.
    number: u128,
}

impl Asker {
    fn question(&mut self, ask: Ask) -> Vec<u8> {
        self.number += 1;
        match ask {
            Ask::Message => {
                let id = MessageId::from_bits(self.number);
                frame(&format!(
                    r#"{{"type":"message","id":"{id}","text":"{TEXT}"}}"#
                ))
            }
            Ask::Ping => frame(&format!(
                r#"{{"type":"ping","t":"{}"}}"#,
                self.number % 1_000
            )),
        }
    }

    /// Asks once and waits for the answer.
    async fn ask(&mut self, ask: Ask) -> io::Result<()> {
        let question = self.question(ask);
        self.socket.send(&question).await?;
        let wanted: &[u8] = match ask {
            _ if self.echo => b"{",
            Ask::Message => br#"{"type":"accepted""#,
            Ask::Ping => br#"{"type":"pong""#,
        };
        loop {
            let answer = self.socket.receive().await?;
            if answer.starts_with(wanted) {
                return Ok(());
            }
            if answer.starts_with(br#"{"type":"error""#) {
                return Err(io::Error::other(
                    String::from_utf8_lossy(answer).into_owned(),
                ));
            }
        }
    }
}

/// Opens `count` connections, ready to be asked.
pub(super) async fn open(peer: &Peer, count: usize, talking: bool) -> anyhow::Result<Vec<Asker>> {
    let mut opening = FuturesUnordered::new();
    let mut askers = Vec::with_capacity(count);
    for number in 0..count {
        if opening.len() >= OPENING
            && let Some(opened) = opening.next().await
        {
            askers.push(opened?);
        }
        opening.push(open_one(peer, number, talking));
    }
    while let Some(opened) = opening.next().await {
        askers.push(opened?);
    }
    Ok(askers)
}

async fn open_one(peer: &Peer, number: usize, talking: bool) -> anyhow::Result<Asker> {
    let mut socket = Socket::open(&peer.door(number))
        .await
        .context("a connection could not be opened")?;
    if !peer.is_echo() {
        greet(&mut socket, talking)
            .await
            .context("a session could not be opened")?;
    }
    let number = u128::try_from(number).unwrap_or(0) << 64;
    Ok(Asker {
        socket,
        echo: peer.is_echo(),
        number,
    })
}

/// `hello`, and for a session that talks the disclosure and a persona.
async fn greet(socket: &mut Socket, talking: bool) -> anyhow::Result<()> {
    let hello = r#"{"type":"hello","protocol":1,"client":{"name":"bench","version":"1"},"locale":"en-US","country":"US"}"#;
    socket.send(&frame(hello)).await?;
    loop {
        let text = socket.receive().await?;
        let found: serde_json::Value = serde_json::from_slice(text)?;
        let word = |key: &str| found.get(key).and_then(serde_json::Value::as_str);
        match word("type") {
            Some("disclosure") if !talking => return Ok(()),
            Some("disclosure") => {
                let version = word("version").unwrap_or_default();
                let ack = format!(r#"{{"type":"disclosure.ack","version":"{version}"}}"#);
                socket.send(&frame(&ack)).await?;
                socket
                    .send(&frame(r#"{"type":"persona.choose","persona":"courage"}"#))
                    .await?;
            }
            Some("persona.chosen") => return Ok(()),
            Some("error") => anyhow::bail!("refused: {}", word("code").unwrap_or_default()),
            _ => {}
        }
    }
}

/// Every connection asks and waits, again and again until `time` is over but once at least; how
/// many answers came.
pub(super) async fn closed_loop(
    askers: Vec<Asker>,
    ask: Ask,
    time: Duration,
) -> anyhow::Result<(Vec<Asker>, u64)> {
    let end = Instant::now() + time;
    let mut asking = JoinSet::new();
    for mut asker in askers {
        asking.spawn(async move {
            let mut answers = 0_u64;
            loop {
                asker.ask(ask).await?;
                answers += 1;
                if Instant::now() >= end {
                    return anyhow::Ok((asker, answers));
                }
            }
        });
    }
    let (mut askers, mut answers) = (Vec::new(), 0);
    while let Some(asked) = asking.join_next().await {
        let (asker, more) = asked??;
        askers.push(asker);
        answers += more;
    }
    Ok((askers, answers))
}

/// Every connection asks once in `every`, evenly spread. Each answer is timed from the instant its
/// question was due, so that a stall shows in every question behind it.
pub(super) async fn paced(
    askers: Vec<Asker>,
    ask: Ask,
    every: Duration,
    time: Duration,
) -> anyhow::Result<(Vec<Asker>, Times)> {
    let start = Instant::now() + every;
    let count = u32::try_from(askers.len()).unwrap_or(u32::MAX);
    let mut asking = JoinSet::new();
    for (number, mut asker) in (0_u32..).zip(askers) {
        asking.spawn(async move {
            let mut times = Times::default();
            let mut due = start + every * number / count;
            while due < start + time {
                tokio::time::sleep_until(due).await;
                // The runtime's timer is no finer than a millisecond; that is not the server's.
                let late = Instant::now();
                let from = if late.duration_since(due) < Duration::from_millis(2) {
                    late
                } else {
                    due
                };
                asker.ask(ask).await?;
                times.add(from.elapsed());
                due += every;
            }
            anyhow::Ok((asker, times))
        });
    }
    let (mut askers, mut times) = (Vec::new(), Times::default());
    while let Some(asked) = asking.join_next().await {
        let (asker, more) = asked??;
        askers.push(asker);
        times.extend(more);
    }
    Ok((askers, times))
}
