//! The checks of a thing.

use serde_json::Value;

use super::{
    claim::{self, Spoken, Transcript},
    text,
};
use crate::memory::{
    graph::NodeId,
    model_tier::{
        excerpt::Excerpt,
        patch::{PatchNode, Reason, Said, Source},
    },
    names,
    ontology::NodeKind,
};

/// Most other names that one thing brings.
const ALIASES: usize = 4;

/// The label under which edges name it, and the thing.
pub(super) fn check(
    excerpt: &Excerpt,
    transcript: &Transcript<'_>,
    item: &Value,
) -> Result<(String, PatchNode), Reason> {
    let kind = NodeKind::parse(text(item, "kind")).ok_or(Reason::Schema)?;
    let name = text(item, "name").trim();
    let lines = transcript.lines(item)?;
    let (quote, quoted) = claim::quoted(item, &lines)?;
    if !claim::is_name(kind, name) {
        return Err(Reason::Name);
    }
    let claimed: Vec<&Spoken<'_>> = quoted
        .into_iter()
        .filter(|line| transcript.claims(line, &quote))
        .collect();
    if claimed.is_empty() {
        return Err(Reason::NotClaimed);
    }
    let existing = existing(excerpt, kind, item)?;
    // The quote proves the item; the name must stand in the lines that are kept with it, or
    // forgetting one turn would leave its words with another.
    let mut said: Vec<Said> = lines
        .iter()
        .filter_map(|line| named(kind, name, line))
        .collect();
    if said.is_empty() {
        return Err(Reason::Quote);
    }
    let own = names::key(kind, name);
    for alias in aliases(item) {
        let known = names::key(kind, alias);
        if known != own && claim::is_name(kind, alias) {
            let found = lines.iter().filter_map(|line| named(kind, alias, line));
            said.extend(found.map(|said| Said {
                alias: true,
                ..said
            }));
        }
    }
    let node = PatchNode {
        kind,
        name: name.to_owned().into(),
        existing,
        said,
    };
    Ok((text(item, "t").to_owned(), node))
}

fn named(kind: NodeKind, name: &str, line: &Spoken<'_>) -> Option<Said> {
    Some(Said {
        name: name.to_owned().into(),
        source: Source {
            turn: line.read.turn,
            said_at: line.read.said_at,
            span: claim::grounded(kind, name, &line.folded)?,
        },
        alias: false,
    })
}

fn aliases(item: &Value) -> impl Iterator<Item = &str> {
    let aliases = item.get("aliases").and_then(Value::as_array);
    aliases
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::trim)
        .take(ALIASES)
}

/// Check 7: an id that was sent, of a thing of this kind.
fn existing(excerpt: &Excerpt, kind: NodeKind, item: &Value) -> Result<Option<NodeId>, Reason> {
    let Some(label) = item.get("existing_id").and_then(Value::as_str) else {
        return Ok(None);
    };
    let mut known = excerpt.known.iter();
    known
        .find(|known| known.label == label && known.kind == kind)
        .map(|known| Some(known.id))
        .ok_or(Reason::Existing)
}
