//! Every table of the three files has a stated lifetime, a way out for its owner and an end at the
//! erase, and keeps to them.

use std::{collections::BTreeMap, time::Duration};

use innerworld_core::{clock::Timestamp, error::ErrorKind, ids::TeenId, safety::SafetyState};
use innerworld_embedded::Embedded;
use innerworld_testkit::records::{NOW, Records};

use crate::{
    everything::settle,
    place::{Place, teen},
};

/// When a row goes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// At an instant of its own, by the sweep.
    Swept,
    /// When what it says was not seen for long, by the retention of memory.
    Seen,
    /// With the work it stands for.
    Work,
    /// With the account.
    Account,
    /// Never: it is the server's own and about nobody.
    Server,
}

/// How the owner gets a copy.
#[derive(Clone, Copy, Debug)]
enum Export {
    /// Opened and written into the export.
    Yes,
    /// Not part of it, and why.
    No(&'static str),
}

/// What the erase does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Erase {
    /// Deletes the rows.
    Rows,
    /// Nothing: the table cannot name anybody, or must remember the erase.
    Nothing,
}

type Rule = (&'static str, Life, Export, Erase);

const SECRET: Export = Export::No("a hash or a secret that only checks a sign-in");
const HASH: Export = Export::No("a keyed hash; nobody is found from it");
const SERVER: Export = Export::No("about the server, not about a person");
const INDEX: Export = Export::No("bookkeeping of what is exported from other tables");

const RULES: &[Rule] = &[
    ("keys.meta", Life::Server, SERVER, Erase::Nothing),
    ("keys.scratch", Life::Server, SERVER, Erase::Nothing),
    ("keys.service_key", Life::Server, SERVER, Erase::Nothing),
    ("keys.setting", Life::Server, SERVER, Erase::Nothing),
    ("keys.signing_key", Life::Server, SERVER, Erase::Nothing),
    ("keys.teen_key", Life::Account, SECRET, Erase::Rows),
    ("live.event", Life::Swept, Export::Yes, Erase::Rows),
    ("live.job", Life::Work, INDEX, Erase::Rows),
    ("live.mail", Life::Swept, SECRET, Erase::Rows),
    ("live.safety_count", Life::Swept, HASH, Erase::Nothing),
    ("live.safety_notice", Life::Swept, HASH, Erase::Nothing),
    ("live.safety_state", Life::Swept, Export::Yes, Erase::Rows),
    ("live.scratch", Life::Server, SERVER, Erase::Nothing),
    ("live.session", Life::Swept, Export::Yes, Erase::Rows),
    ("live.ticket", Life::Swept, SECRET, Erase::Rows),
    ("live.turn", Life::Swept, Export::Yes, Erase::Rows),
    ("memory.account", Life::Account, Export::Yes, Erase::Rows),
    ("memory.app_transaction", Life::Account, HASH, Erase::Rows),
    ("memory.applied", Life::Seen, INDEX, Erase::Rows),
    (
        "memory.authorization_code",
        Life::Swept,
        SECRET,
        Erase::Rows,
    ),
    ("memory.code", Life::Swept, SECRET, Erase::Rows),
    ("memory.consent", Life::Account, Export::Yes, Erase::Rows),
    ("memory.credential", Life::Account, SECRET, Erase::Rows),
    ("memory.day", Life::Swept, Export::Yes, Erase::Rows),
    ("memory.deny", Life::Account, SECRET, Erase::Rows),
    ("memory.evidence", Life::Seen, Export::Yes, Erase::Rows),
    ("memory.journal", Life::Swept, Export::Yes, Erase::Rows),
    ("memory.mentions", Life::Seen, Export::Yes, Erase::Rows),
    ("memory.node", Life::Seen, Export::Yes, Erase::Rows),
    (
        "memory.notice_clock",
        Life::Account,
        Export::Yes,
        Erase::Rows,
    ),
    ("memory.profile", Life::Account, Export::Yes, Erase::Rows),
    ("memory.provider_event", Life::Server, HASH, Erase::Nothing),
    ("memory.provider_grant", Life::Account, SECRET, Erase::Rows),
    ("memory.recall", Life::Account, INDEX, Erase::Rows),
    ("memory.refresh", Life::Swept, SECRET, Erase::Rows),
    ("memory.refusal", Life::Swept, HASH, Erase::Nothing),
    ("memory.revocation", Life::Work, SECRET, Erase::Nothing),
    ("memory.scratch", Life::Server, SERVER, Erase::Nothing),
    (
        "memory.sign_in_request",
        Life::Swept,
        SECRET,
        Erase::Nothing,
    ),
    (
        "memory.suppression",
        Life::Account,
        Export::Yes,
        Erase::Rows,
    ),
    ("memory.tombstone", Life::Swept, HASH, Erase::Nothing),
    ("memory.usage", Life::Swept, Export::Yes, Erase::Rows),
];

/// Rows of every table.
fn counts(place: &Place) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for file in ["keys", "live", "memory"] {
        let path = place.data().join(format!("{file}.db"));
        let connection = rusqlite::Connection::open(path).unwrap();
        let mut tables = connection
            .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
            .unwrap();
        let tables = tables.query_map([], |row| row.get(0)).unwrap();
        for table in tables.map(Result::<String, _>::unwrap) {
            let count = format!("SELECT count(*) FROM \"{table}\"");
            let count = connection.query_row(&count, [], |row| row.get(0));
            counts.insert(format!("{file}.{table}"), count.unwrap());
        }
    }
    counts
}

/// Puts a mail to every account into the outbox.
fn send_mail(place: &Place) {
    let memory = rusqlite::Connection::open(place.data().join("memory.db")).unwrap();
    let live = rusqlite::Connection::open(place.data().join("live.db")).unwrap();
    let mut accounts = memory.prepare("SELECT email_mac FROM account").unwrap();
    let accounts = accounts.query_map([], |row| row.get::<_, Vec<u8>>(0));
    for address in accounts.unwrap() {
        let end = NOW.plus(Duration::from_secs(600)).as_millis();
        live.execute(
            "INSERT INTO mail (id, email_mac, expires, sealed)
             VALUES (randomblob(16), ?1, ?2, randomblob(99))",
            (address.unwrap(), end),
        )
        .unwrap();
    }
}

fn tables_where(holds: impl Fn(&Rule) -> bool) -> impl Iterator<Item = &'static str> {
    RULES
        .iter()
        .filter(move |rule| holds(rule))
        .map(|rule| rule.0)
}

async fn sweep(embedded: &Embedded, now: Timestamp) {
    while embedded.conversations().sweep(now, 7).await.unwrap() > 0 {}
    while embedded.graph().expire(now, now, 7).await.unwrap() > 0 {}
}

async fn erase(embedded: &Embedded, teen: TeenId, until: Timestamp) {
    let erasure = embedded.erasure();
    erasure.fence(teen, NOW).await.unwrap();
    erasure.destroy_key(teen).await.unwrap();
    while erasure.delete_rows(teen, 7).await.unwrap() > 0 {}
    erasure.truncate_logs().await.unwrap();
    erasure.bury(teen, until).await.unwrap();
}

#[test]
fn every_table_has_rules() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let tables: Vec<_> = counts(&place).into_keys().collect();
    let ruled: Vec<_> = tables_where(|_| true).collect();
    assert_eq!(tables, ruled, "state a rule for a new table, in order");
    for (table, _, export, _) in RULES {
        if let Export::No(reason) = export {
            assert!(!reason.is_empty(), "{table} is not exported for a reason");
        }
    }
    drop(embedded);
}

#[tokio::test]
async fn an_erase_takes_the_rows_of_every_table_that_holds_the_teen() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let records = Records::named("an_erase_takes_the_rows");
    settle(&embedded, &records).await;
    send_mail(&place);
    let of_one = counts(&place);
    let teen = settle(&embedded, &records).await;
    send_mail(&place);
    let of_two = counts(&place);
    let holding = || tables_where(|rule| rule.3 == Erase::Rows);
    for table in holding() {
        assert!(
            of_two[table] > of_one[table],
            "no row of the teen in {table}"
        );
    }
    erase(&embedded, teen, NOW.plus(Duration::from_secs(60))).await;
    let after = counts(&place);
    for table in holding() {
        // The neighbour was sent a second mail.
        let of_neighbour = of_one[table] + i64::from(table == "live.mail");
        assert_eq!(after[table], of_neighbour, "rows in {table}");
    }
}

#[tokio::test]
async fn what_has_an_end_goes_and_what_has_none_stays() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let records = Records::named("what_has_an_end_goes");
    let owner = settle(&embedded, &records).await;
    send_mail(&place);
    let email = records.account(owner).email;
    let soon = NOW.plus(Duration::from_secs(60));
    let accounts = embedded.accounts();
    accounts.put_refusal(email.reveal(), soon).await.unwrap();
    erase(&embedded, teen(1), soon).await;
    let before = counts(&place);
    let server = |rule: &Rule| rule.1 == Life::Server;
    for table in tables_where(|rule| !server(rule)) {
        assert!(before[table] > 0, "no row in {table}");
    }
    sweep(&embedded, NOW).await;
    assert_eq!(counts(&place), before, "nothing has ended yet");
    sweep(
        &embedded,
        NOW.plus(Duration::from_secs(7 * 366 * 24 * 3_600)),
    )
    .await;
    let after = counts(&place);
    for (table, life, ..) in RULES {
        match life {
            Life::Swept | Life::Seen => assert_eq!(after[*table], 0, "rows in {table}"),
            Life::Work | Life::Account | Life::Server => {
                assert_eq!(after[*table], before[*table], "rows in {table}");
            }
        }
    }
}

#[tokio::test]
async fn only_a_calm_safety_record_goes_after_a_month() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let records = Records::named("only_a_calm_safety_record_goes");
    let safety = embedded.safety();
    let month = Duration::from_secs(30 * 24 * 3_600);
    let (calm, crisis, fresh) = (records.teen(), records.teen(), records.teen());
    for (teen, state, at) in [
        (crisis, SafetyState::Crisis, NOW),
        (calm, SafetyState::Normal, NOW),
        (
            fresh,
            SafetyState::Normal,
            NOW.plus(Duration::from_millis(1)),
        ),
    ] {
        let mut change = records.safety_commit(teen, 0);
        change.record.state = state;
        safety.commit(&change, at).await.unwrap();
    }
    sweep(&embedded, NOW.plus(month)).await;
    assert_eq!(safety.load(calm).await.unwrap(), None);
    assert!(safety.load(crisis).await.unwrap().is_some());
    assert!(safety.load(fresh).await.unwrap().is_some());
    let stale = safety.commit(&records.safety_commit(calm, 1), NOW).await;
    assert_eq!(stale.unwrap_err().kind(), ErrorKind::Conflict);
    safety
        .commit(&records.safety_commit(calm, 0), NOW)
        .await
        .unwrap();
}
