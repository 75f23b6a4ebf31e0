//! What nobody should say, through all of memory: extraction, graph, digest, recall, export. The
//! parts are those of the server; only the clock is ours.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use innerworld_core::{
    clock::{Clock as _, Timestamp},
    conversation::store::SessionLog,
    identity::consent::MemoryMode,
    ids::{TeenId, TurnId},
    memory::{
        Memory, MemoryExport, MemoryPorts, Remembered, SessionMemory, bounds,
        pack::{QUESTION_TOKENS, line_tokens},
    },
    secret::Text,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_language::{
    LocalExtractor, embed::StaticEncoder, pii::Scrub, thesaurus::ShippedThesaurus,
};
use innerworld_testkit::{
    FakeClock,
    records::{NOW, Records, remembering},
};

const TEEN: TeenId = TeenId::from_subject_bits(11);
const DAY: Duration = Duration::from_secs(86_400);
/// Tokens of a digest at most.
const DIGEST_TOKENS: usize = 200;

static ENCODER: LazyLock<Arc<StaticEncoder>> =
    LazyLock::new(|| Arc::new(StaticEncoder::shipped().unwrap()));
static EXTRACTOR: LazyLock<Arc<LocalExtractor>> =
    LazyLock::new(|| Arc::new(LocalExtractor::new(Arc::clone(&ENCODER)).unwrap()));

struct Machine {
    memory: Memory,
    clock: Arc<FakeClock>,
}

impl Machine {
    fn new() -> Self {
        let clock = Arc::new(FakeClock::new(NOW));
        let stores = Embedded::in_memory(clock.clone(), Arc::new(OsIds)).unwrap();
        let ports = MemoryPorts {
            graph: stores.graph(),
            namer: stores.namers(),
            extractor: Arc::clone(&EXTRACTOR) as _,
            encoder: Some(Arc::clone(&ENCODER) as _),
            thesaurus: Some(Arc::new(ShippedThesaurus::shipped().unwrap())),
            scrubber: Arc::new(Scrub::new()),
            clock: clock.clone(),
            ids: Arc::new(OsIds),
        };
        Self {
            memory: Memory::new(ports, 30 * DAY, 1 << 26),
            clock,
        }
    }

    /// The teen says these lines on that day, and the session ends.
    async fn talk(&self, day: u32, lines: &[&str]) -> Remembered {
        let log = session(day, lines);
        self.clock
            .set(log.session.started_at.plus(Duration::from_secs(3_600)));
        self.memory.remember(&log, &remembering()).await.unwrap()
    }

    async fn next_session(&self) -> SessionMemory {
        let now = self.clock.now();
        let opened = self.memory.open(TEEN, MemoryMode::Full, "UTC", now);
        opened.await.unwrap()
    }

    async fn export(&self) -> MemoryExport {
        self.memory.export(TEEN, self.clock.now()).await.unwrap()
    }
}

fn session(day: u32, lines: &[&str]) -> SessionLog {
    let records = Records::named(&format!("bad input of day {day}"));
    records.ended_session(TEEN, NOW.plus(DAY * day), lines)
}

/// Letters, digits and the signs that a name may have.
fn is_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || " '’.-&+#:/".contains(letter)
}

/// No name is over its bound or has signs that no name has; the digest keeps to its size.
async fn check(machine: &Machine) -> MemoryExport {
    let export = machine.export().await;
    for node in &export.nodes {
        let named = std::iter::once(&node.name)
            .chain(&node.aliases)
            .chain(&node.qualifier)
            .chain(node.attrs.values());
        for name in named.map(Text::reveal) {
            assert!(name.chars().count() <= bounds::NAME_CHARS, "{name}");
        }
        for name in std::iter::once(&node.name).chain(&node.aliases) {
            assert!(name.reveal().chars().all(is_of_a_name), "{}", name.reveal());
        }
        assert!(node.aliases.len() <= bounds::ALIASES);
    }
    let session = machine.next_session().await;
    if let Some(digest) = session.digest() {
        let tokens: usize = digest.reveal().lines().map(line_tokens).sum();
        assert!(tokens <= DIGEST_TOKENS, "{tokens} tokens of digest");
    }
    let other = Machine::new();
    other.clock.set(machine.clock.now());
    let written = serde_json::to_string(&export).unwrap();
    let read: MemoryExport = serde_json::from_str(&written).unwrap();
    other.memory.import(TEEN, &read).await.unwrap();
    let mut again = other.export().await;
    if let (Some(again), Some(digest)) = (&mut again.digest, &export.digest) {
        // It counts the writes of its store.
        again.generation = digest.generation;
    }
    assert!(again == export, "an export comes back as another");
    export
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_ten_thousand_characters_are_cut_or_refused() {
    let machine = Machine::new();
    let one_word = format!("M{}", "ayu".repeat(3_333));
    let words = "Maya ".repeat(2_000);
    let accents = format!("Z{}", "e\u{301}".repeat(5_000));
    let lines = [
        format!("my best friend is called {one_word}"),
        format!("{one_word} is my sister and she goes to {one_word} High"),
        format!("i met {words} at the park"),
        format!("my friend \"{words}\" moved to \"{one_word}\""),
        format!("my name is {accents}"),
        format!("i want to become {}", "a singer and ".repeat(800)),
        format!("we play {} every week", "x".repeat(10_000)),
        "a".repeat(10_000),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    machine.talk(0, &lines).await;
    machine.talk(1, &lines).await;
    let export = check(&machine).await;
    assert!(export.nodes.len() <= 1 + bounds::PATCH_NODES);
    for turn in &export.turns {
        let text = turn.text.as_ref().unwrap().reveal();
        assert!(text.chars().count() <= bounds::TURN_CHARS);
    }
    // As a message they are looked at, too.
    let mut session = machine.next_session().await;
    for line in &lines {
        machine.memory.insight(line);
        session.fact_about(line);
        if let Some(recalled) = session.recall(line, &[], QUESTION_TOKENS) {
            assert!(recalled.tokens <= QUESTION_TOKENS);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn right_to_left_and_signs_alone_go_through_everything() {
    let machine = Machine::new();
    let families = "👨‍👩‍👧‍👦".repeat(200);
    let lines = [
        "أختي الصغيرة تحب الرسم كثيرا",
        "אחי מנגן בגיטרה כל ערב",
        "my friend مريم moved to حيفا last week",
        "I met \u{202e}ayaM\u{202c} at \u{2067}school\u{2069}",
        "😀😀😀",
        families.as_str(),
        "🏳️‍🌈🇩🇪👍🏽",
        "\u{200b}\u{200d}\u{feff}\u{ad}",
        "Z\u{34f}a\u{336}l\u{337}g\u{338}o and h̷̢̛e̴̡͝ ̸̧͐",
        "１２３ ﬁne ǅ ẞ İ ı",
        "我的猫叫小白",
        "\u{0}\u{1}\u{7f}\r\n\t",
    ];
    machine.talk(0, &lines).await;
    let export = check(&machine).await;
    let kept = |text: &str| {
        let mut turns = export.turns.iter();
        turns.any(|turn| {
            turn.text
                .as_ref()
                .is_some_and(|kept| kept.reveal().contains(text))
        })
    };
    for text in [lines[0], lines[1], lines[4], lines[10]] {
        assert!(kept(text), "{text}");
    }
    let mut session = machine.next_session().await;
    let asked = "do you remember? تحب الرسم";
    let recalled = session.recall(asked, &[], QUESTION_TOKENS).unwrap();
    assert!(recalled.block.reveal().contains("الرسم"));
    for line in lines {
        machine.memory.insight(line);
        session.recall(line, &[], QUESTION_TOKENS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_memory_makes_room_for_a_session_and_is_recalled() {
    let machine = Machine::new();
    machine.talk(0, &["my dog ate a slipper"]).await;
    let pattern = machine.export().await.turns.remove(0);
    let full = Machine::new();
    let turns = (0..bounds::TURNS).map(|number| {
        let mut turn = pattern.clone();
        turn.id = TurnId::from_bits(u128::try_from(number).unwrap() << 1);
        turn.said_at = Timestamp::from_millis(i64::try_from(number).unwrap());
        turn.sequence = u32::try_from(number).unwrap();
        turn.text = Some(format!("the {number}th slipper").into());
        turn
    });
    let export = MemoryExport {
        turns: turns.collect(),
        ..MemoryExport::default()
    };
    full.memory.import(TEEN, &export).await.unwrap();
    full.talk(1, &["my dog found the slipper"]).await;
    let kept = full.export().await.turns;
    assert_eq!(kept.len(), bounds::TURNS);
    let oldest = kept.iter().map(|turn| turn.id).min().unwrap();
    assert_eq!(
        oldest,
        TurnId::from_bits(4),
        "the message and its answer took two places"
    );
    let mut session = full.next_session().await;
    let asked = "do you remember what my dog found?";
    let recalled = session.recall(asked, &[], QUESTION_TOKENS).unwrap();
    assert!(recalled.block.reveal().contains("my dog found the slipper"));
}
