//! A told month, brought into a real memory: the stores of one machine on disk, the local
//! extractor, the encoder and the scrubber that `serve` uses. Clock and ids are fixed, so that two
//! runs give the same bytes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_core::{
    clock::Timestamp,
    conversation::{
        record::{EndReason, Finish, MessageRecord, SessionState, TurnRecord, TurnState},
        store::SessionLog,
    },
    identity::consent::MemoryMode,
    ids::{IdSource as _, TeenId, TurnId},
    memory::{
        Memory, MemoryExport, MemoryPorts, RememberSettings, evidence::answer_id, graph::Graph,
    },
};
use innerworld_embedded::{Embedded, OpenOptions};
use innerworld_language::{
    LocalExtractor, embed::StaticEncoder, pii::Scrub, thesaurus::ShippedThesaurus,
};
use innerworld_testkit::{FakeClock, SeededIds, records::Records};
use tempfile::TempDir;

use super::scenario::{Scenario, Turn};

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);
/// As `serve` keeps them where nothing else is configured.
const GRAPH_DAYS: u32 = 30;
const EVIDENCE_DAYS: u32 = 30;
const CACHE_BYTES: usize = 1 << 24;

/// The teen's memory while the month goes on.
pub(super) struct Month<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) memory: Memory,
    pub(super) teen: TeenId,
    pub(super) clock: Arc<FakeClock>,
    /// Where each turn stands: `3.2`, and `3.2 answer` for what the persona said.
    pub(super) places: BTreeMap<TurnId, String>,
    records: Records,
    ids: Arc<SeededIds>,
    // The stores live until the folder goes.
    folder: TempDir,
}

/// What memory held after a session.
pub(super) struct State {
    pub(super) export: MemoryExport,
    pub(super) graph: Graph,
}

impl<'s> Month<'s> {
    pub(super) fn begin(scenario: &'s Scenario) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("could not make a folder for the stores")?;
        let clock = Arc::new(FakeClock::default());
        let ids = Arc::new(SeededIds::named("docs memory"));
        let stores = Embedded::open(OpenOptions {
            data_dir: folder.path().join("data"),
            master_key_file: folder.path().join("master.key"),
            clock: clock.clone(),
            ids: ids.clone(),
        })?;
        let encoder = Arc::new(StaticEncoder::shipped()?);
        let ports = MemoryPorts {
            graph: stores.graph(),
            namer: stores.namers(),
            extractor: Arc::new(LocalExtractor::new(encoder.clone())?),
            encoder: Some(encoder),
            thesaurus: Some(Arc::new(ShippedThesaurus::shipped()?)),
            scrubber: Arc::new(Scrub::new()),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        Ok(Self {
            scenario,
            memory: Memory::new(ports, DAY * GRAPH_DAYS, CACHE_BYTES),
            teen: TeenId::from_subject_bits(ids.next_bits()),
            clock,
            places: BTreeMap::new(),
            records: Records::named("docs memory"),
            ids,
            folder,
        })
    }

    /// The folder of the stores.
    pub(super) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Remembers the session of this number, from 0, as the job after a session does.
    pub(super) async fn remember(&mut self, number: usize) -> anyhow::Result<State> {
        let session = self.scenario.sessions.get(number).context("no session")?;
        let log = self.log(&session.at, &session.turns)?;
        for (place, turn) in (1..).zip(&log.turns) {
            let place = format!("{}.{place}", number + 1);
            self.places
                .insert(answer_id(turn.id), format!("{place} answer"));
            self.places.insert(turn.id, place);
        }
        let minutes = u32::try_from(session.turns.len())?;
        self.clock
            .set(log.session.started_at.plus(MINUTE * (minutes + 5)));
        let settings = RememberSettings {
            mode: MemoryMode::Full,
            zone: self.scenario.zone.clone(),
            mood: true,
            evidence_days: EVIDENCE_DAYS,
            graph_days: GRAPH_DAYS,
            persona_name: self.scenario.persona.clone(),
            teen_name: Some(self.scenario.teen.clone().into()),
        };
        self.memory
            .remember(&log, &settings)
            .await
            .with_context(|| format!("session {} was not remembered", number + 1))?;
        self.state().await
    }

    /// What memory holds now.
    pub(super) async fn state(&self) -> anyhow::Result<State> {
        use innerworld_core::clock::Clock as _;
        let export = self.memory.export(self.teen, self.clock.now()).await?;
        Ok(State {
            graph: export.graph(),
            export,
        })
    }

    /// A session as it lies in the store once it ended.
    pub(super) fn log(&self, at: &str, turns: &[Turn]) -> anyhow::Result<SessionLog> {
        let began = self.scenario.instant(at)?;
        let mut session = self.records.session_at(self.teen, began);
        session.state = SessionState::Queued;
        session.ended = Some((began, EndReason::Client));
        let turns = (0_u32..).zip(turns).map(|(number, turn)| {
            let said_at = began.plus(MINUTE * number);
            let base = self
                .records
                .turn(&session, 2 * u64::from(number), u64::from(number));
            TurnRecord {
                id: self.turn_id(said_at),
                message: base.message.map(|message| MessageRecord {
                    text: turn.teen.clone().into(),
                    prompt_text: turn.teen.clone().into(),
                    ..message
                }),
                state: TurnState::Ended,
                answer: turn.persona.clone().into(),
                finish: Some(Finish::Stop),
                created_at: said_at,
                ..base
            }
        });
        Ok(SessionLog {
            turns: turns.collect(),
            session,
            events: Vec::new(),
        })
    }

    fn turn_id(&self, at: Timestamp) -> TurnId {
        TurnId::from_bits(self.ids.ulid(at))
    }
}
