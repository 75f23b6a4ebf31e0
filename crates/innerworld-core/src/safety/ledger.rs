//! Ids of safety events and notices: the same after a crash, a retry and a replay, and unlinkable
//! to a teen without the key.

use aws_lc_rs::hmac;

use crate::ids::{EventId, TeenId};

/// The service key called `ledger`.
#[derive(Clone)]
pub struct LedgerKey(hmac::Key);

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LedgerKey([redacted])")
    }
}

/// What an event or a notice comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A message, by its id's bytes.
    Message([u8; 16]),
    /// A reply to an event.
    Reply(EventId, &'a str),
    /// The check-in that follows a crisis.
    FollowUp(EventId),
    /// The question of `FollowUp`, asked again at this millisecond.
    Again(EventId, i64),
    /// An answer to a message, by the class that stopped it.
    Answer([u8; 16], &'a str),
    /// The first words of a session.
    SessionStart([u8; 16]),
    /// A quiet offer while the record cannot be read, per teen and hour.
    Unreadable(i64),
}

impl LedgerKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The question that `source` leads to. A crisis that the same message turns out to be is another
    /// event: whoever drops repeats must not drop it.
    pub fn question(&self, teen: TeenId, source: Source<'_>) -> EventId {
        EventId::from_bytes(self.tag(b"question", teen, source, b""))
    }

    /// The quiet offer that `source` leads to, for the same reason an event of its own.
    pub fn offer(&self, teen: TeenId, source: Source<'_>) -> EventId {
        EventId::from_bytes(self.tag(b"offer", teen, source, b""))
    }

    /// The crisis, or the follow-up, of `source`, written as a ULID.
    pub fn event(&self, teen: TeenId, source: Source<'_>) -> EventId {
        EventId::from_bytes(self.tag(b"event", teen, source, b""))
    }

    /// The notice of `source` for an action (`crisis`, `ask`, `soft`, `output_block`).
    pub fn notice(&self, teen: TeenId, source: Source<'_>, action: &str) -> [u8; 16] {
        self.tag(b"notice", teen, source, action.as_bytes())
    }

    fn tag(&self, label: &[u8], teen: TeenId, source: Source<'_>, action: &[u8]) -> [u8; 16] {
        let (kind, id, rest): (u8, [u8; 16], Vec<u8>) = match source {
            Source::Message(id) => (1, id, Vec::new()),
            Source::Reply(event, choice) => (2, event.to_bytes(), choice.as_bytes().to_vec()),
            Source::FollowUp(event) => (3, event.to_bytes(), Vec::new()),
            Source::Again(event, at) => (4, event.to_bytes(), at.to_be_bytes().to_vec()),
            Source::SessionStart(id) => (5, id, Vec::new()),
            Source::Answer(id, class) => (7, id, class.as_bytes().to_vec()),
            Source::Unreadable(hour) => (6, [0; 16], hour.to_be_bytes().to_vec()),
        };
        let mut context = hmac::Context::with_key(&self.0);
        for part in [label, &teen.to_bytes(), &[kind], &id, &rest, action] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 16];
        for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        out
    }
}
