//! The use case after a session: its log becomes evidence, a mention list and a graph, in one
//! commit. Repeating it from any point changes nothing.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    Memory, bounds,
    digest::Account,
    evidence::{self, EvidenceRules},
    extraction,
    fact_words::add_fact_words,
    fold::CORRECTIONS,
    model_tier::{
        EXTRACTOR,
        merge::{self, Merged},
        patch::ModelReading,
    },
    refold::Horizon,
    store::{Applied, AppliedKey, EvidenceTurn, Extraction, MentionList},
    suppressed::Suppressed,
};
use crate::{
    clock::Timestamp,
    conversation::store::SessionLog,
    error::{ErrorKind, PortError},
    identity::consent::MemoryMode,
    ids::{SessionId, TeenId, TurnId},
    secret::Text,
};

/// How often a write is computed again when the graph moved meanwhile.
pub(super) const WRITE_ATTEMPTS: usize = 5;

/// What of a session is remembered, and for how long.
#[derive(Clone, Debug)]
pub struct RememberSettings {
    /// The teen's choice.
    pub mode: MemoryMode,
    /// The account's IANA time zone.
    pub zone: String,
    /// Whether the teen consented to keeping moods.
    pub mood: bool,
    /// Days until the text of a turn goes.
    pub evidence_days: u32,
    /// Days after which a thing goes that was not spoken of.
    pub graph_days: u32,
    /// What the persona is called.
    pub persona_name: String,
    /// What the teen is called.
    pub teen_name: Option<Text>,
}

impl RememberSettings {
    fn account(&self) -> Account<'_> {
        Account {
            teen_name: self.teen_name.as_ref(),
            zone: &self.zone,
        }
    }
}

/// What remembering a session did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Whether it was written now; with memory off nothing ever is.
    pub applied: Applied,
    /// Nodes and edges that are new.
    pub added: u32,
    /// Nodes and edges that changed.
    pub changed: u32,
    /// Edges that stopped holding.
    pub closed: u32,
    /// Nodes and edges dropped because the bounds of a teen's memory were reached.
    pub dropped: u32,
    /// Version of the digest after it.
    pub digest_version: u64,
}

impl Remembered {
    pub(super) const fn nothing_new(digest_version: u64) -> Self {
        Self {
            applied: Applied::Already,
            added: 0,
            changed: 0,
            closed: 0,
            dropped: 0,
            digest_version,
        }
    }
}

impl Memory {
    /// Turns a session into memory. Crisis, journal-only, safety, template and empty turns never
    /// enter; with `mode` off nothing is written.
    ///
    /// # Errors
    /// `Conflict` if the graph kept moving; otherwise what the ports say.
    pub async fn remember(
        &self,
        log: &SessionLog,
        settings: &RememberSettings,
    ) -> Result<Remembered, PortError> {
        if settings.mode == MemoryMode::Off {
            return Ok(Remembered::nothing_new(0));
        }
        self.write_reading(log, settings, None).await
    }

    /// Writes what the local tier finds, or both tiers together, whatever moves meanwhile.
    pub(super) async fn write_reading(
        &self,
        log: &SessionLog,
        settings: &RememberSettings,
        model: Option<&ModelReading>,
    ) -> Result<Remembered, PortError> {
        for _attempt in 0..WRITE_ATTEMPTS {
            match self.write_reading_once(log, settings, model).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                done => return done,
            }
        }
        Err(PortError::new(ErrorKind::Conflict, "remember the session"))
    }

    async fn write_reading_once(
        &self,
        log: &SessionLog,
        settings: &RememberSettings,
        model: Option<&ModelReading>,
    ) -> Result<Remembered, PortError> {
        let teen = log.session.teen;
        let key = self.applied_key(log.session.id, model.map(|model| model.version.as_str()));
        if self.ports.graph.is_applied(teen, &key).await? {
            let version = self.ports.graph.generation(teen).await?;
            return Ok(Remembered::nothing_new(version));
        }
        let now = self.ports.clock.now();
        let before = self.read_graph(teen, now).await?;
        let suppressed = Suppressed::new(&before.suppressions);
        let mut said = self.evidence(log, &suppressed, settings);
        if let Some(model) = model.filter(|_| settings.mood) {
            merge::blend_moods(&mut said, &model.patch.moods);
        }
        let mut list = self.extract((log, &key, now), &said, settings, model);
        let mut lists = before.lists.clone();
        // One list stands for a session: both tiers together hold all that the local one found, and
        // a newer local tier makes what was merged with an older one obsolete.
        lists.retain(|old| {
            let replaced = old.session == list.session && old.extractor != CORRECTIONS;
            if replaced {
                list.recorded_at = old.recorded_at;
            }
            !replaced
        });
        lists.push(Arc::new(list));
        let after = before.refold(&lists, &suppressed, horizon(settings, now));
        add_fact_words(&mut said, &after.folded, &after.fold);
        let changes = after.changes;
        let dropped = u32::try_from(after.dropped).unwrap_or(u32::MAX);
        let digest = self.render_digest(&before, &after, settings.account());
        let digest_version = digest.generation;
        let mut write = after.into_write(&before, digest);
        write.applied = Some(key);
        if settings.mode == MemoryMode::Full {
            let stored = self.ports.graph.evidence_ids(teen).await?;
            write.delete_evidence = over_the_bound(&stored, &said);
            write.evidence = said;
        }
        let applied = self.ports.graph.write(teen, &write).await?;
        self.forget_cached(teen);
        Ok(match applied {
            Applied::Already => Remembered::nothing_new(digest_version),
            Applied::Now => Remembered {
                applied,
                added: changes.added,
                changed: changes.changed,
                closed: changes.closed,
                dropped,
                digest_version,
            },
        })
    }

    /// Whether a session is in memory as this machine reads it, whatever a model may add later.
    ///
    /// # Errors
    /// What the store says.
    pub async fn holds(&self, teen: TeenId, session: SessionId) -> Result<bool, PortError> {
        let key = self.applied_key(session, None);
        self.ports.graph.is_applied(teen, &key).await
    }

    /// Names the reading of a session: by the local tier alone, or together with a model's of this
    /// version.
    pub(super) fn applied_key(&self, session: SessionId, model: Option<&str>) -> AppliedKey {
        let local = &self.ports.extractor;
        let (extractor, version) = match model {
            None => (local.name(), local.version().to_owned()),
            Some(model) => (EXTRACTOR, format!("{model}+{}", local.version())),
        };
        AppliedKey {
            session,
            extractor: extractor.to_owned(),
            version,
        }
    }

    pub(super) fn evidence(
        &self,
        log: &SessionLog,
        suppressed: &Suppressed,
        settings: &RememberSettings,
    ) -> Vec<EvidenceTurn> {
        let rules = EvidenceRules {
            scrubber: &*self.ports.scrubber,
            mood: settings.mood.then_some(&*self.ports.extractor),
            zone: &settings.zone,
            days: settings.evidence_days,
            teen_name: settings.teen_name.as_ref(),
            persona_name: &settings.persona_name,
            version: self.ports.extractor.version(),
            encoder: self.ports.encoder.as_deref(),
        };
        evidence::of_session(log, suppressed, &rules)
    }

    fn extract(
        &self,
        (log, key, now): (&SessionLog, &AppliedKey, Timestamp),
        said: &[EvidenceTurn],
        settings: &RememberSettings,
        model: Option<&ModelReading>,
    ) -> MentionList {
        let local = self.extract_locally(said, settings);
        let merged = match model {
            Some(model) => merge::merge(local, &model.patch),
            None => Merged {
                found: local,
                links: Vec::new(),
            },
        };
        let mut list = MentionList {
            session: key.session,
            session_started_at: log.session.started_at,
            extractor: key.extractor.clone(),
            version: key.version.clone(),
            recorded_at: now,
            mentions: Vec::new(),
            relations: Vec::new(),
            links: merged.links,
        };
        extraction::fill(&mut list, merged.found, said);
        list
    }

    pub(super) fn extract_locally(
        &self,
        said: &[EvidenceTurn],
        settings: &RememberSettings,
    ) -> Extraction {
        let lines = extraction::lines(said);
        self.ports.extractor.extract(&lines, &settings.zone)
    }
}

fn horizon(settings: &RememberSettings, now: Timestamp) -> Horizon {
    Horizon {
        now,
        seen_since: now.minus(Duration::from_secs(86_400) * settings.graph_days),
    }
}

/// The oldest turns, as many as the new ones exceed the bound by.
fn over_the_bound(stored: &[TurnId], said: &[EvidenceTurn]) -> Vec<TurnId> {
    let new: BTreeSet<TurnId> = said.iter().map(|turn| turn.id).collect();
    let kept = || stored.iter().filter(|id| !new.contains(id));
    let excess = (kept().count() + said.len()).saturating_sub(bounds::TURNS);
    kept().take(excess).copied().collect()
}
