//! The checks of what is said between two things.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    claim::{self, Transcript},
    text,
};
use crate::memory::{
    graph::Polarity,
    model_tier::{
        dates,
        excerpt::Excerpt,
        patch::{PatchEdge, PatchNode, Reason, Source},
    },
    ontology::{EdgeKind, NodeKind},
};

/// How an edge names the teen.
const TEEN: &str = "teen";

/// The things that passed, by the labels that edges use.
pub(super) struct Ends<'a> {
    pub(super) labels: &'a BTreeMap<String, usize>,
    pub(super) nodes: &'a [PatchNode],
}

impl Ends<'_> {
    /// Position (`None` is the teen) and kind.
    fn end(&self, label: &str) -> Option<(Option<usize>, NodeKind)> {
        if label.eq_ignore_ascii_case(TEEN) {
            return Some((None, NodeKind::Teen));
        }
        let at = *self.labels.get(label)?;
        Some((Some(at), self.nodes.get(at)?.kind))
    }
}

pub(super) fn check(
    excerpt: &Excerpt,
    transcript: &Transcript<'_>,
    ends: &Ends<'_>,
    item: &Value,
) -> Result<PatchEdge, Reason> {
    let kind = EdgeKind::parse(text(item, "kind")).ok_or(Reason::Schema)?;
    let lines = transcript.lines(item)?;
    let (quote, quoted) = claim::quoted(item, &lines)?;
    let slot = text(item, "slot");
    let (from, to) = allowed(kind, slot, ends, item)?;
    let sources: Vec<Source> = quoted
        .into_iter()
        .filter(|line| transcript.claims(line, &quote))
        .filter_map(|line| {
            Some(Source {
                turn: line.read.turn,
                said_at: line.read.said_at,
                span: line.folded.find(&quote)?,
            })
        })
        .collect();
    if sources.is_empty() {
        return Err(Reason::NotClaimed);
    }
    let when = match text(item, "when").trim() {
        "" => None,
        when => Some(dates::resolve(when, excerpt.session_at, &excerpt.zone).ok_or(Reason::Date)?),
    };
    Ok(PatchEdge {
        kind,
        from,
        to,
        slot: slot.to_owned(),
        polarity: if text(item, "polarity") == "-" {
            Polarity::Stopped
        } else {
            Polarity::Holds
        },
        when,
        sources,
    })
}

/// Check 4: both ends are there, and the vocabulary has such an edge between them.
fn allowed(
    kind: EdgeKind,
    slot: &str,
    ends: &Ends<'_>,
    item: &Value,
) -> Result<(Option<usize>, usize), Reason> {
    let end = |key| ends.end(text(item, key)).ok_or(Reason::Kinds);
    let ((from, from_kind), (to, to_kind)) = (end("from")?, end("to")?);
    let to = to.ok_or(Reason::Kinds)?;
    // A merge of two kinds is never a model's to make.
    let merges = slot == "same_as" && (kind != EdgeKind::RelatesTo || from_kind != to_kind);
    let fits = kind.allows(from_kind, to_kind) && from != Some(to) && !merges;
    if fits {
        Ok((from, to))
    } else {
        Err(Reason::Kinds)
    }
}
