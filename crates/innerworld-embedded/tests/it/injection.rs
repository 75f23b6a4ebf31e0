//! Texts that want to become parts of a query, in every field that holds one.

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{JournalId, TeenId},
    safety::store::{JournalEntry, JournalStore},
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::records::{NOW, Records, WHOLE, at};
use rusqlite::Connection;

use crate::{everything::settle_with, place::Place};

/// Ends of strings and of statements, comments, other quotes, and what only looks like nothing:
/// control characters, marks of direction, characters that other programs take for a quote.
const HOSTILE: [&str; 20] = [
    "'; DROP TABLE journal; --",
    "'); DELETE FROM account; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "`; DROP TABLE node; `",
    "\\'; DROP TABLE node; --",
    "''''",
    "[teen]",
    "?1 :teen @teen $teen",
    "x' UNION SELECT sealed FROM evidence --",
    "/* */; ATTACH 'x.db' AS x; /*",
    "%_%",
    "a\0b'; DROP TABLE session; --",
    "\u{1}\u{8}\u{1b}[2J\u{7f}",
    "\u{202e}'; DROP TABLE turn; --\u{202c}",
    "\u{2066}--\u{2069}\u{200f}\u{200b}\u{feff}",
    "\u{2019}; \u{ff07}; \u{2bc}; DROP TABLE event",
    "'\r\n;\u{2028}DROP TABLE job;\u{2029}--",
    "{\"a\":\"'\"}'::json",
    "');})//\u{fffd}",
];

/// What the stores tell of a teen, as the teen's own texts.
async fn told(embedded: &Embedded, teen: TeenId) -> Vec<String> {
    let mut texts = Vec::new();
    let profile = embedded.profiles().load(teen).await.unwrap().unwrap();
    texts.extend(profile.name.map(|name| name.reveal().clone()));
    texts.extend(profile.region);
    for consent in embedded.consents().list(teen).await.unwrap() {
        texts.push(consent.recipient);
    }
    for entry in embedded.journal().list(teen, None, 9, NOW).await.unwrap() {
        texts.push(entry.text.reveal().clone());
    }
    for usage in embedded.usage().list(teen).await.unwrap() {
        texts.push(usage.pseudonym);
    }
    let memory = embedded.graph().load(teen, WHOLE).await.unwrap();
    for node in memory.graph.nodes.into_values() {
        texts.push(node.name.reveal().clone());
        texts.extend(node.qualifier.map(|text| text.reveal().clone()));
        texts.extend(node.aliases.iter().map(|text| text.reveal().clone()));
    }
    for turn in memory.evidence {
        texts.push(turn.name.reveal().clone());
        texts.extend(turn.text.map(|text| text.reveal().clone()));
    }
    texts.extend(memory.digest.map(|digest| digest.text.reveal().clone()));
    let live = embedded.conversations().live_session(teen, at(20)).await;
    for turn in live.unwrap().unwrap().turns {
        texts.push(turn.answer.reveal().clone());
        texts.extend(turn.message.map(|message| message.text.reveal().clone()));
    }
    texts
}

/// How many of a teen's texts hold this one.
fn holding(texts: &[String], text: &str) -> usize {
    texts.iter().filter(|told| told.contains(text)).count()
}

#[tokio::test]
async fn t08_hostile_texts_come_back_as_they_were_and_touch_nobody_else() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let quiet = Records::named("a quiet teen");
    let neighbour = settle_with(&embedded, &quiet, "plain").await;
    let before = told(&embedded, neighbour).await;
    let expected = holding(&before, "plain");
    assert!(expected > 80, "{expected}");
    for (number, text) in HOSTILE.iter().enumerate() {
        let records = Records::named(&format!("hostile {number}"));
        let teen = settle_with(&embedded, &records, text).await;
        let theirs = told(&embedded, teen).await;
        assert_eq!(holding(&theirs, text), expected, "{text:?}");
        // Where a text is looked for, it finds what it names and nothing else.
        let address = format!("{text}-{:x}@example.org", teen.bits());
        let account = embedded.accounts().by_email(&address).await.unwrap();
        assert_eq!(account.unwrap().teen, teen, "{text:?}");
        let nobody = embedded.accounts().by_email(text).await.unwrap();
        assert_eq!(nobody, None, "{text:?}");
        let day = embedded.clocks().day(teen, text).await.unwrap();
        assert_eq!(day.used_ms, 0, "{text:?}");
        let counts = embedded.safety().counts(text, text).await.unwrap();
        assert_eq!(counts, [], "{text:?}");
        let setting = embedded.keys().setting("hostile").await.unwrap();
        assert_eq!(setting, None);
    }
    assert_eq!(told(&embedded, neighbour).await, before);
    drop(embedded);
    // Every table is still there, and sound: else it would not open.
    let embedded = place.open().unwrap();
    assert_eq!(told(&embedded, neighbour).await, before);
}

/// Whether every hostile entry of a journal is there as it was written, and so is the one before.
async fn survives(journal: &dyn JournalStore) -> bool {
    let records = Records::named("survives");
    let (neighbour, teen) = (records.teen(), records.teen());
    let first = records.journal(NOW);
    if journal.put(neighbour, &first).await.is_err() {
        return false;
    }
    for text in HOSTILE {
        let mut entry = records.journal(NOW);
        entry.text = text.to_owned().into();
        let kept = journal.put(teen, &entry).await.is_ok();
        let listed = journal.list(teen, None, 99, NOW).await.unwrap_or_default();
        if !kept || !listed.contains(&entry) {
            return false;
        }
    }
    let theirs = journal.list(neighbour, None, 9, NOW).await;
    theirs.is_ok_and(|entries| entries == [first])
}

#[tokio::test]
async fn t08_a_journal_keeps_hostile_texts() {
    let embedded = Embedded::in_memory(Place::new().clock, Arc::new(OsIds)).unwrap();
    assert!(survives(&*embedded.journal()).await);
}

/// A journal whose statements are put together from texts.
struct Pasted(Mutex<Connection>);

impl Pasted {
    fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        let table = "CREATE TABLE journal (teen TEXT, id TEXT, text TEXT, rest TEXT)";
        connection.execute_batch(table).unwrap();
        Self(Mutex::new(connection))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap()
    }
}

fn fault() -> PortError {
    PortError::new(ErrorKind::Unavailable, "use the pasted journal")
}

#[async_trait]
impl JournalStore for Pasted {
    async fn put(&self, teen: TeenId, entry: &JournalEntry) -> Result<(), PortError> {
        // The text apart, as it was typed: JSON's own escapes would hide some of it.
        let rest = JournalEntry {
            text: String::new().into(),
            ..entry.clone()
        };
        let statement = format!(
            "INSERT INTO journal VALUES ('{teen}', '{}', '{}', '{}')",
            entry.id,
            entry.text.reveal(),
            serde_json::to_string(&rest).unwrap()
        );
        self.connection()
            .execute_batch(&statement)
            .map_err(|_cause| fault())
    }

    async fn list(
        &self,
        teen: TeenId,
        _before: Option<JournalId>,
        limit: usize,
        _now: Timestamp,
    ) -> Result<Vec<JournalEntry>, PortError> {
        let connection = self.connection();
        let statement = format!(
            "SELECT text, rest FROM journal WHERE teen = '{teen}' ORDER BY id DESC LIMIT {limit}"
        );
        let mut statement = connection.prepare(&statement).map_err(|_cause| fault())?;
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let found = found.map_err(|_cause| fault())?;
        let entries = found
            .filter_map(Result::ok)
            .map(|(text, rest): (String, String)| {
                let rest: JournalEntry = serde_json::from_str(&rest).unwrap();
                JournalEntry {
                    text: text.into(),
                    ..rest
                }
            });
        Ok(entries.collect())
    }

    async fn delete(&self, _teen: TeenId, _id: JournalId) -> Result<(), PortError> {
        Err(PortError::new(ErrorKind::Denied, "delete from it"))
    }
}

/// What keeps them is that texts are parameters.
#[tokio::test]
async fn t08_a_journal_that_pastes_texts_into_its_statements_does_not() {
    let journal = Pasted::new();
    let records = Records::named("plain");
    let (teen, entry) = (records.teen(), records.journal(NOW));
    journal.put(teen, &entry).await.unwrap();
    let kept = journal.list(teen, None, 9, NOW).await.unwrap();
    assert_eq!(kept, [entry], "it is a journal otherwise");
    assert!(!survives(&journal).await);
}
