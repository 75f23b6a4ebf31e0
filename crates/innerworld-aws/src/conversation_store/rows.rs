//! Items made ready: records sealed, and beside them what stays readable, which is ids, numbers and
//! times.

use innerworld_core::{
    clock::Timestamp,
    conversation::record::{EventRecord, SessionRecord, TurnRecord, TurnState},
    error::{ErrorKind, PortError},
    ids::{IdSource, SessionId},
    seal::Seals,
};
use serde::Serialize;

use crate::{
    dynamo::{Item, Key, Table, Value, Write, end},
    shared::{SEALED, Shared},
};

const SESSION: &str = "live/session";
const TURN: &str = "live/turn";
const EVENT: &str = "live/event";

/// Sort key of a session's own item.
const META: &str = "meta";
/// What the sort keys of turns begin with.
pub(super) const TURNS: &str = "turn#";
/// What the sort keys of events begin with.
pub(super) const EVENTS: &str = "event#";

/// The most sealed bytes that an item takes.
const LARGEST: usize = 300 * 1_024;

/// A named attribute.
pub(super) type Attribute = (&'static str, Value);

/// Makes the items of one teen.
pub(super) struct Maker<'a> {
    pub(super) seals: &'a Seals,
    pub(super) ids: &'a dyn IdSource,
}

impl<'a> Maker<'a> {
    /// With the teen's seals.
    pub(super) fn new(shared: &'a Shared, seals: &'a Seals) -> Self {
        Self {
            seals,
            ids: &*shared.ids,
        }
    }

    /// Seals a record for its place.
    pub(super) fn seal<T: Serialize>(
        &self,
        place: (&'static str, &[u8]),
        record: &T,
    ) -> Result<Vec<u8>, PortError> {
        let sealed = self.seals.seal(self.ids, place, record)?;
        if sealed.len() > LARGEST {
            return Err(PortError::new(
                ErrorKind::Invalid,
                "store so large a record",
            ));
        }
        Ok(sealed)
    }

    /// A session's record, sealed.
    pub(super) fn session(&self, session: &SessionRecord) -> Result<Vec<u8>, PortError> {
        self.seal((SESSION, &session.id.to_bytes()), session)
    }

    /// The attributes of a turn's item. Whoever runs the turn keeps attributes of its own there.
    pub(super) fn turn(&self, turn: &TurnRecord) -> Result<Vec<Attribute>, PortError> {
        let place = turn_place(turn.session, client_of(turn));
        let mut attributes: Vec<Attribute> = vec![
            ("user_id", self.seals.teen().to_string().into()),
            ("turn_id", turn.id.to_string().into()),
            ("state", word(turn.state).into()),
            ("upstream_started", turn.upstream_started.into()),
            ("persona_sequence", answer_sequence(turn).into()),
            (SEALED, self.seal((TURN, &place), turn)?.into()),
        ];
        let maybe = [
            (
                "teen_sequence",
                turn.message.as_ref().map(|_| turn.sequence),
            ),
            ("seq_accepted", turn.seq_accepted),
            ("seq_start", turn.seq_start),
            ("seq_end", turn.seq_end),
        ];
        let known =
            |(name, number): (&'static str, Option<u64>)| Some::<Attribute>((name, number?.into()));
        attributes.extend(maybe.into_iter().filter_map(known));
        attributes.extend(end(turn.expires_at));
        Ok(attributes)
    }

    /// The writes of events. An event lives as long as its session: `carrier_ends` is when what it
    /// came with ends, and the table may delete it a day later.
    pub(super) fn events(
        &self,
        session: SessionId,
        events: &[EventRecord],
        carrier_ends: Timestamp,
    ) -> Result<Vec<Write>, PortError> {
        let write = |event: &EventRecord| {
            let place = event_place(session, event.seq);
            let item = Item::new()
                .with(SEALED, self.seal((EVENT, &place), event)?)
                .deleted_after(carrier_ends.plus(super::DAY));
            Ok(Write::Put(event_key(session, event.seq)?, item, None))
        };
        events.iter().map(write).collect()
    }
}

/// Opens a session's record.
pub(super) fn open_session(
    seals: &Seals,
    session: SessionId,
    sealed: &[u8],
) -> Result<SessionRecord, PortError> {
    seals.open((SESSION, &session.to_bytes()), sealed)
}

/// Opens a turn's item.
pub(super) fn open_turn(
    seals: &Seals,
    session: SessionId,
    item: &Item,
) -> Result<TurnRecord, PortError> {
    let client = item.text("item")?.strip_prefix(TURNS);
    let client: SessionId = client
        .and_then(|client| client.parse().ok())
        .ok_or_else(|| PortError::new(ErrorKind::Corrupt, "read a turn"))?;
    let place = turn_place(session, client.to_bytes());
    seals.open((TURN, &place), item.bytes(SEALED)?)
}

/// Opens an event's item.
pub(super) fn open_event(
    seals: &Seals,
    session: SessionId,
    item: &Item,
) -> Result<EventRecord, PortError> {
    let place = event_place(session, event_number(item)?);
    seals.open((EVENT, &place), item.bytes(SEALED)?)
}

/// Attributes as an item.
pub(super) fn item_of(attributes: Vec<Attribute>) -> Item {
    attributes
        .into_iter()
        .fold(Item::new(), |item, (name, value)| item.with(name, value))
}

/// Where a session's own item lies.
pub(crate) fn meta_key(session: SessionId) -> Key {
    Key::of(Table::Sessions, session.to_string(), META)
}

/// Where a turn lies: under its message's id, or under its own if no message made it.
pub(super) fn turn_key(turn: &TurnRecord) -> Key {
    keyed_turn(turn.session, client_of(turn))
}

/// Where the turn of a message lies.
pub(super) fn keyed_turn(session: SessionId, client: [u8; 16]) -> Key {
    let client = SessionId::from_bytes(client);
    let item = format!("{TURNS}{client}");
    Key::of(Table::Sessions, session.to_string(), item)
}

/// Where an event lies. Eight digits: sort keys are in the order of the numbers.
pub(super) fn event_key(session: SessionId, seq: u64) -> Result<Key, PortError> {
    if seq > 99_999_999 {
        return Err(PortError::new(ErrorKind::Invalid, "number an event"));
    }
    let item = format!("{EVENTS}{seq:08}");
    Ok(Key::of(Table::Sessions, session.to_string(), item))
}

/// The number of an event's item.
pub(super) fn event_number(item: &Item) -> Result<u64, PortError> {
    item.text("item")?
        .strip_prefix(EVENTS)
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| PortError::new(ErrorKind::Corrupt, "read an event"))
}

/// Number of the answer among the session's messages: it follows the message, if there is one.
pub(super) fn answer_sequence(turn: &TurnRecord) -> u64 {
    turn.sequence
        .saturating_add(u64::from(turn.message.is_some()))
}

/// The newest event number that a turn stands for.
pub(super) fn newest_seq(turn: &TurnRecord) -> u64 {
    let numbers = [turn.seq_accepted, turn.seq_start, turn.seq_end];
    numbers.into_iter().flatten().max().unwrap_or_default()
}

fn client_of(turn: &TurnRecord) -> [u8; 16] {
    match &turn.message {
        Some(message) => message.id.to_bytes(),
        None => turn.id.to_bytes(),
    }
}

const fn word(state: TurnState) -> &'static str {
    match state {
        TurnState::Accepted => "accepted",
        TurnState::Running => "running",
        TurnState::Ended => "ended",
    }
}

fn turn_place(session: SessionId, client: [u8; 16]) -> Vec<u8> {
    [session.to_bytes(), client].concat()
}

fn event_place(session: SessionId, seq: u64) -> Vec<u8> {
    numbered_place(session, seq)
}

/// A session's id and a number, as a seal's place.
pub(super) fn numbered_place(session: SessionId, number: u64) -> Vec<u8> {
    let mut place = session.to_bytes().to_vec();
    place.extend_from_slice(&number.to_be_bytes());
    place
}

#[cfg(test)]
mod tests {
    use innerworld_testkit::records::Records;

    use super::*;

    #[test]
    fn places_are_fixed_bytes() {
        let session = SessionId::from_bits(1);
        let turn = turn_place(session, [2; 16]);
        assert_eq!(turn.len(), 32);
        assert_eq!(turn[15..17], [1, 2]);
        let event = event_place(session, 258);
        assert_eq!(event[..16], session.to_bytes());
        assert_eq!(event[16..], [0, 0, 0, 0, 0, 0, 1, 2]);
    }

    #[test]
    fn sort_keys_are_in_the_order_of_numbers() {
        let session = SessionId::from_bits(1);
        let key = |seq| format!("{:?}", event_key(session, seq).unwrap().sort.unwrap().0);
        assert!(key(9) < key(10) && key(99_999) < key(100_000));
        let refused = event_key(session, 100_000_000).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
        let item = Item::new().with("item", "event#00000042");
        assert_eq!(event_number(&item).unwrap(), 42);
        assert!(event_number(&Item::new().with("item", "event#x")).is_err());
    }

    #[test]
    fn an_answer_follows_its_message_and_a_template_turn_has_one_number() {
        let records = Records::named("an_answer_follows_its_message");
        let session = records.session(records.teen());
        let mut turn = records.turn(&session, 4, 9);
        turn.seq_end = Some(12);
        assert_eq!((answer_sequence(&turn), newest_seq(&turn)), (5, 12));
        turn.message = None;
        assert_eq!(answer_sequence(&turn), 4);
    }
}
