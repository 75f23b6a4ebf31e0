//! What was said, message by message, in the table `live-conversations`: the teen's words from their
//! acceptance on, an answer from its end on.
//!
//! The turn's item holds the words too, so that a session is read by one query, and a checkpoint and a
//! repeated message need no second item. A message costs its length twice for that, and both items of
//! an ordinary one stay within a kilobyte.

use innerworld_core::{
    clock::Timestamp,
    conversation::record::{TurnRecord, TurnState},
    error::PortError,
    ids::TeenId,
    secret::Text,
};
use serde::Serialize;

use super::rows::{Attribute, Maker, answer_sequence, item_of, numbered_place};
use crate::{
    dynamo::{Item, Key, Table, end},
    shared::SEALED,
};

const MESSAGE: &str = "live/message";

/// The messages of one day of a teen, and where one session's begin among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conversation {
    /// Partition key: the teen and the day, in UTC, on which the session was opened.
    pub(super) id: String,
    /// Number of the session's message 0 in the conversation.
    pub(super) first: u64,
}

/// A message's content.
#[derive(Serialize)]
struct Said<'a> {
    text: &'a Text,
}

impl Conversation {
    /// Partition key of the sessions that this teen opens on the day of `started_at`.
    pub(super) fn id_of(teen: TeenId, started_at: Timestamp) -> String {
        let instant = started_at.to_rfc3339();
        let day = instant.split('T').next().unwrap_or_default();
        format!("{teen}#{day}")
    }

    /// Where the session's message with this number lies.
    pub(super) fn key(&self, sequence: u64) -> Key {
        let number = self.first.saturating_add(sequence);
        Key::of(Table::LiveConversations, self.id.as_str(), number)
    }

    /// Where the messages of a turn's item lie.
    pub(super) fn keys_of(&self, turn: &Item) -> Result<Vec<Key>, PortError> {
        let numbers = [
            turn.maybe_number("teen_sequence")?,
            turn.maybe_number("persona_sequence")?,
        ];
        let keys = numbers.into_iter().flatten().map(|number| self.key(number));
        Ok(keys.collect())
    }
}

impl Maker<'_> {
    /// The teen's message of a turn.
    pub(super) fn message(
        &self,
        conversation: &Conversation,
        turn: &TurnRecord,
    ) -> Result<Option<(Key, Item)>, PortError> {
        let Some(message) = &turn.message else {
            return Ok(None);
        };
        let mut attributes = self.said((turn, turn.sequence), &message.text)?;
        attributes.push(("role", "teen".into()));
        attributes.push(("message_id", message.id.to_string().into()));
        attributes.push(("created_at", turn.created_at.as_millis().into()));
        let key = conversation.key(turn.sequence);
        Ok(Some((key, item_of(attributes))))
    }

    /// The answer of a turn that ended by `now`; `None` if it has not, or nothing was said.
    pub(super) fn answer(
        &self,
        conversation: &Conversation,
        turn: &TurnRecord,
        now: Timestamp,
    ) -> Result<Option<(Key, Item)>, PortError> {
        if !is_answered(turn) {
            return Ok(None);
        }
        let sequence = answer_sequence(turn);
        let mut attributes = self.said((turn, sequence), &turn.answer)?;
        attributes.push(("role", "persona".into()));
        attributes.push(("created_at", now.as_millis().into()));
        Ok(Some((conversation.key(sequence), item_of(attributes))))
    }

    fn said(
        &self,
        (turn, sequence): (&TurnRecord, u64),
        text: &Text,
    ) -> Result<Vec<Attribute>, PortError> {
        let place = numbered_place(turn.session, sequence);
        let mut attributes: Vec<Attribute> = vec![
            ("session_id", turn.session.to_string().into()),
            ("user_id", self.seals.teen().to_string().into()),
            ("turn_id", turn.id.to_string().into()),
            ("persona_id", turn.persona.to_string().into()),
            (SEALED, self.seal((MESSAGE, &place), &Said { text })?.into()),
        ];
        attributes.extend(end(turn.expires_at));
        Ok(attributes)
    }
}

/// Whether a turn has an answer that will not change.
pub(super) fn is_answered(turn: &TurnRecord) -> bool {
    turn.state == TurnState::Ended && !turn.answer.reveal().is_empty()
}

#[cfg(test)]
mod tests {
    use innerworld_testkit::records::{NOW, Records};

    use super::*;

    #[test]
    fn a_conversation_is_a_teens_day_in_utc() {
        let teen = TeenId::from_subject_bits(7);
        let id = |millis| Conversation::id_of(teen, Timestamp::from_millis(millis));
        assert_eq!(id(0), format!("{teen}#1970-01-01"));
        assert_eq!(id(86_399_999), id(0));
        assert_eq!(id(86_400_000), format!("{teen}#1970-01-02"));
    }

    #[test]
    fn a_turns_messages_lie_at_its_numbers() {
        let conversation = Conversation {
            id: Conversation::id_of(TeenId::from_subject_bits(7), NOW),
            first: 10,
        };
        let numbers = |item: Item| -> Vec<String> {
            let keys = conversation.keys_of(&item).unwrap();
            keys.iter()
                .map(|key| format!("{:?}", key.sort.clone().unwrap().0))
                .collect()
        };
        let template = Item::new().with("persona_sequence", 0_u32);
        assert_eq!(numbers(template), ["N(\"10\")"]);
        let message = Item::new()
            .with("teen_sequence", 1_u32)
            .with("persona_sequence", 2_u32);
        assert_eq!(numbers(message), ["N(\"11\")", "N(\"12\")"]);
    }

    #[test]
    fn an_answer_is_stored_once_it_ended_and_says_something() {
        let records = Records::named("an_answer_is_stored");
        let mut turn = records.turn(&records.session(records.teen()), 0, 2);
        turn.answer = "Go on.".to_owned().into();
        assert!(!is_answered(&turn));
        turn.state = TurnState::Ended;
        assert!(is_answered(&turn));
        turn.answer = String::new().into();
        assert!(!is_answered(&turn));
    }
}
