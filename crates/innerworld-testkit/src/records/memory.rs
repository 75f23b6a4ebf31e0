//! Graph records, evidence, mention lists, whole writes; ledger records.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    ids::{CallId, SessionId, TurnId},
    memory::{
        graph::{
            Assertion, AssertionId, Edge, EdgeId, GraphDelta, Node, NodeId, Polarity, Precision,
        },
        ontology::{EdgeKind, NodeKind},
        store::{
            AppliedKey, EvidenceTurn, Means, MemoryWrite, Mention, MentionList, NameLink, Relation,
            Speaker, StoredDigest, Suppression,
        },
    },
    model::{call::CallPurpose, chat_model::TokenUsage},
    usage::{UsageRecord, UsageState},
};

use super::{NOW, Records, at, talk::persona};

const MONTH: Duration = Duration::from_secs(30 * 24 * 3_600);

impl Records {
    /// A session id made at `NOW` plus so many seconds.
    pub fn session_id(&self, seconds: u64) -> SessionId {
        SessionId::from_bits(self.ulid(at(seconds)))
    }

    /// A node seen at `NOW`.
    pub fn node(&self, kind: NodeKind, name: &str) -> Node {
        Node {
            id: NodeId(self.bits()),
            kind,
            name: name.to_owned().into(),
            key: name.to_lowercase().into(),
            qualifier: None,
            aliases: vec![format!("the {name}").into()],
            attrs: [("role".to_owned(), "friend".to_owned().into())].into(),
            first_seen: NOW,
            last_seen: NOW,
            turns: vec![TurnId::from_bits(self.bits())],
            support: 1,
            sessions: 1,
            confidence: 0.75,
            mood: [0.0, 0.0, 0.25, 0.5, 0.25, 0.0, 0.0],
        }
    }

    /// An edge with one assertion.
    pub fn edge(&self, from: NodeId, to: NodeId) -> Edge {
        Edge {
            id: EdgeId(self.bits()),
            kind: EdgeKind::RelatesTo,
            from,
            to,
            slot: "friend".to_owned(),
            valid_from: NOW,
            valid_until: None,
            recorded_at: NOW,
            last_seen: NOW,
            confidence: 0.5,
            count: 1,
            emotion: [0.0; 7],
            log: vec![Assertion {
                id: AssertionId(self.bits()),
                polarity: Polarity::Holds,
                valid_at: NOW,
                precision: Precision::Day,
                recorded_at: NOW,
                turns: vec![TurnId::from_bits(self.bits())],
                session: self.session_id(0),
                extractor: "local".to_owned(),
                version: "1".to_owned(),
                confidence: 0.5,
                emotion: [0.0; 7],
            }],
        }
    }

    /// A line of `session`, number `sequence`; sessions are said in the order of their ids.
    pub fn evidence(&self, session: SessionId, sequence: u32) -> EvidenceTurn {
        EvidenceTurn {
            id: TurnId::from_bits(self.ulid(NOW)),
            session,
            sequence,
            speaker: Speaker::Teen,
            name: "Robin".to_owned().into(),
            said_at: at(u64::from(sequence)),
            text: Some(format!("Mara lent me her drum kit, day {sequence}.").into()),
            day: "24 November 2026 Tuesday".to_owned(),
            fact_words: vec!["drum".to_owned().into()],
            caption: None,
            recalled: false,
            asset_version: "1".to_owned(),
            encoded: None,
            emotion: [0.0; 7],
            expires_at: NOW.plus(MONTH),
        }
    }

    /// A mention list of `session`, which began `seconds` after `NOW`.
    pub fn mentions(&self, session: SessionId, extractor: &str, seconds: u64) -> MentionList {
        let turn = TurnId::from_bits(self.bits());
        MentionList {
            session,
            session_started_at: at(seconds),
            extractor: extractor.to_owned(),
            version: "1".to_owned(),
            recorded_at: at(seconds + 600),
            mentions: vec![Mention {
                index: 0,
                kind: NodeKind::Person,
                surface: "Mara".to_owned().into(),
                qualifier: None,
                attrs: [("role".to_owned(), "friend".to_owned().into())].into(),
                span: (0, 4),
                turns: vec![turn],
                said_at: at(seconds),
                confidence: 0.75,
                by: String::new(),
                tentative: false,
            }],
            relations: vec![Relation {
                kind: EdgeKind::RelatesTo,
                from: None,
                to: 0,
                slot: "friend".to_owned(),
                polarity: Polarity::Holds,
                valid_at: at(seconds),
                precision: Precision::Day,
                turns: vec![turn],
                span: (0, 4),
                confidence: 0.75,
                emotion: [0.0; 7],
                by: String::new(),
            }],
            links: vec![NameLink {
                mention: 0,
                means: Means::Node(NodeId(self.bits())),
            }],
        }
    }

    /// A suppression of one name.
    pub fn suppression(&self) -> Suppression {
        Suppression {
            what: innerworld_core::memory::store::Forgotten::Node,
            id: self.bits(),
            turns: vec![TurnId::from_bits(self.bits())],
            name: Some(self.bits()),
            recorded_at: NOW,
        }
    }

    /// The key of a patch.
    pub fn applied(&self, session: SessionId, version: &str) -> AppliedKey {
        AppliedKey {
            session,
            extractor: "local".to_owned(),
            version: version.to_owned(),
        }
    }

    /// A write on generation `expected` that changes nothing but the digest.
    pub fn empty_write(&self, expected: u64) -> MemoryWrite {
        MemoryWrite {
            applied: None,
            expected_generation: expected,
            delta: GraphDelta::default(),
            evidence: Vec::new(),
            delete_evidence: Vec::new(),
            mentions: Vec::new(),
            delete_mentions: Vec::new(),
            suppressions: Vec::new(),
            digest: StoredDigest {
                text: "Robin plays the drums with Mara.".to_owned().into(),
                nodes: Vec::new(),
                generation: expected + 1,
            },
        }
    }

    /// What remembering a session writes: two nodes, an edge, two lines, a mention list, on
    /// generation `expected`.
    pub fn session_write(&self, session: SessionId, expected: u64) -> MemoryWrite {
        let nodes = vec![
            self.node(NodeKind::Teen, "Robin"),
            self.node(NodeKind::Person, "Mara"),
        ];
        let ids: Vec<NodeId> = nodes.iter().map(|node| node.id).collect();
        let edges = ids
            .windows(2)
            .filter_map(|pair| Some(self.edge(*pair.first()?, *pair.last()?)))
            .collect();
        let mut write = self.empty_write(expected);
        write.applied = Some(self.applied(session, "1"));
        write.delta.put_nodes = nodes;
        write.delta.put_edges = edges;
        write.evidence = vec![self.evidence(session, 0), self.evidence(session, 1)];
        write.mentions = vec![self.mentions(session, "local", 0)];
        write.digest.nodes = ids;
        write
    }

    /// A ledger record whose request left at `started_at`.
    pub fn usage(&self, provider: &str, started_at: Timestamp) -> UsageRecord {
        UsageRecord {
            call: CallId::from_bits(self.ulid(started_at)),
            state: UsageState::Started,
            started_at,
            pseudonym: format!("{:016x}", self.ids.next()),
            session: self.session_id(0),
            turn: TurnId::from_bits(self.ulid(NOW)),
            purpose: CallPurpose::Reply,
            persona: persona(),
            prompt_version: "1".to_owned(),
            provider: provider.to_owned(),
            base_host: "models.example.org".to_owned(),
            model_asked: "small-1".to_owned(),
            model_answered: None,
            generation: None,
            tokens: TokenUsage::default(),
            first_token_ms: None,
            duration_ms: None,
            retries: 0,
            http_status: None,
            finish: None,
            cancelled: false,
            fallback_from: None,
            flags: "zdr".to_owned(),
            consent_version: "1".to_owned(),
        }
    }
}
