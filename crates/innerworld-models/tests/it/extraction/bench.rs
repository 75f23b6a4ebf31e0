//! A teen's session, memory over stores in maps, and a provider that plays scripts.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{Finish, SessionRecord, TurnOrigin, TurnRecord, TurnState},
        store::SessionLog,
    },
    identity::consent::{ConsentStore, MemoryMode, Purpose},
    ids::TeenId,
    memory::{
        Memory, MemoryPorts, RememberSettings,
        graph::EmotionWeights,
        model_tier::{
            patch::ModelReading,
            reader::{ReadOrder, ReadOutcome, SessionReader as _},
        },
        ontology::NodeKind,
        store::{EntityExtractor, Extraction as Found, GraphStore, Line, Mention, Speaker},
    },
    model::{chat_model::ChatModel, pseudonym::Pseudonyms},
    usage::{UsageLedger, UsageRecord},
};
use innerworld_models::{
    chain::{ChainPorts, hops},
    config::ProviderConfig,
    consent_gate::ConsentVersions,
    extraction::{DEADLINE, Extraction, ExtractionModel, patient},
    fallback::Hop,
};
use innerworld_testkit::{
    SeededIds,
    fake_clock::FakeClock,
    hostile_upstream::{HostileUpstream, Script, SeenRequest, Wire},
    model_calls::{self, NoScrubber},
    records::{NOW, Records, WHOLE},
    reference::Reference,
    scripted_model::ScriptedModel,
};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use crate::support::{
    COMPANY, Consents, CountingIds, FewNames, Ledger, PRIMARY, SECONDARY, StillClock, provider,
};

/// What the teen says, a message a minute.
const TALK: &[&str] = &[
    "my best friend maya got me into robotics",
    "my cousin Theo plays chess with me",
];

/// Finds one person: the local tier of these tests.
struct OneName;

impl EntityExtractor for OneName {
    fn name(&self) -> &'static str {
        "local"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn extract(&self, lines: &[Line<'_>], _zone: &str) -> Found {
        let teen = lines.iter().filter(|line| line.speaker == Speaker::Teen);
        let said = teen.filter(|line| line.text.contains("maya"));
        let mentions = (0..).zip(said).map(|(index, line)| Mention {
            index,
            kind: NodeKind::Person,
            surface: "maya".to_owned().into(),
            qualifier: None,
            attrs: [].into(),
            span: (15, 19),
            turns: vec![line.id],
            said_at: line.said_at,
            confidence: 0.5,
            by: String::new(),
            tentative: false,
        });
        Found {
            mentions: mentions.collect(),
            relations: Vec::new(),
        }
    }

    fn emotions(&self, _text: &str) -> EmotionWeights {
        [0.0; 7]
    }
}

pub(super) struct Bench {
    pub(super) upstream: HostileUpstream,
    pub(super) ledger: Arc<Ledger>,
    pub(super) consents: Arc<Consents>,
    pub(super) extraction: Extraction,
    memory: Memory,
    store: Arc<Reference>,
    log: SessionLog,
    tasks: TaskTracker,
}

/// What a reading came to.
pub(super) struct Done {
    pub(super) outcome: ReadOutcome,
    /// Names in the graph afterwards.
    pub(super) names: Vec<String>,
    /// The extractor whose list stands for the session.
    pub(super) extractor: String,
}

impl Bench {
    pub(super) async fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::within(DEADLINE, scripts).await
    }

    pub(super) async fn within(
        deadline: Duration,
        scripts: impl IntoIterator<Item = Script>,
    ) -> Self {
        let upstream = HostileUpstream::start(scripts).await;
        let consents = Arc::new(Consents::default());
        consents.record(Purpose::ExtractionModel, COMPANY, "1", true);
        let ledger = Arc::new(Ledger::default());
        let tasks = TaskTracker::new();
        let mut config: ProviderConfig = provider(&upstream.base_url());
        config.model_fallback = Some(SECONDARY.to_owned());
        config.limits = patient(&config.limits);
        let hops = hops(&config, &ports(&ledger, &consents), &tasks).unwrap();
        let (store, log) = (Arc::new(Reference::default()), log());
        Self {
            memory: memory(&store),
            extraction: reader(hops, deadline),
            upstream,
            ledger,
            consents,
            store,
            log,
            tasks,
        }
    }

    /// The session read by this reader; nothing is written.
    pub(super) async fn read_by(&self, reader: &Extraction) -> ReadOutcome {
        let settings = settings();
        let parts = self
            .memory
            .parts_to_read(&self.log, &settings, reader.version());
        let order = ReadOrder {
            teen: teen(),
            session: self.log.session.id,
            persona: "comfort".parse().unwrap(),
            parts: parts.await.unwrap(),
        };
        reader.read(order).await
    }

    /// The session, twice as long: every part comes two times.
    pub(super) async fn read_twice(&self) -> ReadOutcome {
        let settings = settings();
        let parts = self.memory.parts_to_read(&self.log, &settings, "long");
        let parts = parts.await.unwrap();
        let order = ReadOrder {
            teen: teen(),
            session: self.log.session.id,
            persona: "comfort".parse().unwrap(),
            parts: [parts.clone(), parts].concat(),
        };
        self.extraction.read(order).await
    }

    /// What the server does after a session: the local reading, then the model's.
    pub(super) async fn run(&self) -> Done {
        let settings = settings();
        self.memory.remember(&self.log, &settings).await.unwrap();
        let version = self.extraction.version();
        let outcome = self.read_by(&self.extraction).await;
        if let Ok(patch) = outcome.result.clone() {
            let reading = ModelReading {
                patch,
                version: version.to_owned(),
            };
            self.memory
                .add_model_reading(&self.log, &settings, &reading)
                .await
                .unwrap();
        }
        let stored = self.store.load(teen(), WHOLE).await.unwrap();
        let nodes = stored.graph.nodes.values();
        let mut names: Vec<String> = nodes
            .filter(|node| node.kind != NodeKind::Teen)
            .map(|node| node.name.reveal().clone())
            .collect();
        names.sort();
        let lists = self.store.mention_lists(teen()).await.unwrap();
        assert_eq!(lists.len(), 1, "one list stands for a session");
        Done {
            outcome,
            names,
            extractor: lists.first().unwrap().extractor.clone(),
        }
    }

    /// The ledger after every record was completed.
    pub(super) async fn settled(&self) -> Vec<UsageRecord> {
        self.tasks.close();
        self.tasks.wait().await;
        self.ledger.records()
    }

    /// The bodies of all requests.
    pub(super) fn bodies(&self) -> Vec<Value> {
        self.upstream
            .requests()
            .iter()
            .map(SeenRequest::json)
            .collect()
    }
}

fn teen() -> TeenId {
    model_calls::call(1, "").teen
}

pub(super) fn reader(hops: Vec<Hop>, deadline: Duration) -> Extraction {
    Extraction::new(ExtractionModel {
        hops,
        company: COMPANY.to_owned(),
        max_tokens: 1_500,
        deadline,
        clock: Arc::new(StillClock),
        ids: Arc::new(CountingIds::default()),
    })
}

fn ports(ledger: &Arc<Ledger>, consents: &Arc<Consents>) -> ChainPorts {
    ChainPorts {
        clock: Arc::new(StillClock),
        ids: Arc::new(CountingIds::default()),
        consents: Arc::clone(consents) as Arc<dyn ConsentStore>,
        consent_versions: ConsentVersions {
            chat_model: "1".to_owned(),
            extraction_model: "1".to_owned(),
            ..ConsentVersions::default()
        },
        ledger: Arc::clone(ledger) as Arc<dyn UsageLedger>,
        pseudonyms: Arc::new(Pseudonyms::new(&[3; 32])),
        names: Arc::new(FewNames),
        offline: Arc::new(ScriptedModel::saying("offline")) as Arc<dyn ChatModel>,
    }
}

fn memory(store: &Arc<Reference>) -> Memory {
    let ports = MemoryPorts {
        graph: store.clone(),
        namer: store.clone(),
        extractor: Arc::new(OneName),
        encoder: None,
        thesaurus: None,
        scrubber: Arc::new(NoScrubber),
        clock: Arc::new(FakeClock::new(NOW)),
        ids: Arc::new(SeededIds::new(1)),
    };
    Memory::new(ports, Duration::from_secs(30 * 86_400), 1 << 20)
}

fn settings() -> RememberSettings {
    RememberSettings {
        mode: MemoryMode::Full,
        zone: "UTC".to_owned(),
        mood: false,
        evidence_days: 30,
        graph_days: 30,
        persona_name: "Comfort".to_owned(),
        teen_name: None,
    }
}

fn log() -> SessionLog {
    let records = Records::named("extraction");
    let session: SessionRecord = records.session(teen());
    let turns = (0_u64..).zip(TALK).map(|(at, line)| {
        let created_at: Timestamp = NOW.plus(Duration::from_secs(60 * at));
        let mut turn: TurnRecord = records.turn(&session, 2 * at, 2 * at + 1);
        turn.message.as_mut().unwrap().text = (*line).to_owned().into();
        turn.answer = "That sounds good.".to_owned().into();
        turn.origin = TurnOrigin::Model;
        turn.state = TurnState::Ended;
        turn.finish = Some(Finish::Stop);
        turn.excluded = false;
        turn.created_at = created_at;
        turn
    });
    SessionLog {
        turns: turns.collect(),
        session,
        events: Vec::new(),
    }
}

/// A whole true answer: the friend the local tier knows, and a cousin it does not.
pub(super) fn truth() -> Value {
    let person = |t: &str, name: &str, line: &str, quote: &str| {
        json!({"t":t,"kind":"Person","name":name,"aliases":[],"existing_id":null,
            "lines":[line],"quote":quote})
    };
    json!({"nodes": [
        person("n1", "maya", "L1", "my best friend maya"),
        person("n2", "Theo", "L3", "my cousin Theo")],
        "edges": [{"kind":"relates_to","from":"teen","to":"n2","slot":"kin","polarity":"+",
            "when":null,"lines":["L3"],"quote":"my cousin Theo"}],
        "emotions": []})
}

/// A stream that says `text`.
pub(super) fn says(text: &str) -> Script {
    ends(text, "stop")
}

/// A stream that says `text` and ends for this reason.
pub(super) fn ends(text: &str, reason: &str) -> Script {
    Wire::new()
        .token(text)
        .finish(reason)
        .usage()
        .done()
        .chunked()
}

pub(super) fn asked_for(body: &Value) -> (&str, &str) {
    let text = |path| body.pointer(path).and_then(Value::as_str).unwrap();
    (text("/model"), text("/response_format/type"))
}

pub(super) const FIRST: &str = PRIMARY;
pub(super) const NEXT: &str = SECONDARY;
