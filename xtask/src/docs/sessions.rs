//! The month, session by session: what was said, and what memory held afterwards that it had not.

use std::collections::BTreeSet;

use innerworld_core::{
    ids::TurnId,
    memory::{
        graph::{Edge, Node},
        ontology::{EdgeKind, NodeKind},
    },
};

use super::{
    compare::Compared,
    month::{Month, State},
    scenario::Session,
    words,
};

/// Tells session `number`, from 0.
pub(super) fn tell(
    month: &Month<'_>,
    (number, session): (usize, &Session),
    (before, after): (&State, &State),
    compared: &Compared,
) -> anyhow::Result<String> {
    let day = month
        .scenario
        .long_day(month.scenario.instant(&session.at)?);
    let turns = turns_of(month, number);
    let mut parts = vec![
        format!("### {}. {day}: {}\n", number + 1, session.title),
        format!("{}\n", session.before.trim()),
        talk(month, number, session),
        things(month, &turns, before, after),
        facts(month, &turns, before, after),
    ];
    parts.extend(again(month, before, after));
    parts.push(judgement(compared));
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("\n"))
}

/// The turns of a session, without answers.
pub(super) fn turns_of(month: &Month<'_>, number: usize) -> BTreeSet<TurnId> {
    let prefix = format!("{}.", number + 1);
    let places = month.places.iter();
    places
        .filter(|(_, place)| place.starts_with(&prefix) && !place.ends_with("answer"))
        .map(|(turn, _)| *turn)
        .collect()
}

fn talk(month: &Month<'_>, number: usize, session: &Session) -> String {
    let scenario = month.scenario;
    let lines = (1..).zip(&session.turns).map(|(place, turn)| {
        format!(
            "> **{}** {} <sub>{}.{place}</sub>\\\n> *{}* {}\n",
            scenario.teen,
            turn.teen,
            number + 1,
            scenario.persona,
            turn.persona
        )
    });
    let lines: Vec<String> = lines.collect();
    lines.join(">\n")
}

fn things(month: &Month<'_>, turns: &BTreeSet<TurnId>, before: &State, after: &State) -> String {
    let mut new: Vec<&Node> = after
        .graph
        .nodes
        .values()
        .filter(|node| node.kind != NodeKind::Teen)
        .filter(|node| !before.graph.nodes.contains_key(&node.id))
        .collect();
    new.sort_by_key(|node| (node.turns.first(), node.kind, node.key.reveal()));
    let rows: Vec<Vec<String>> = new
        .into_iter()
        .map(|node| {
            let said: Vec<TurnId> = node
                .turns
                .iter()
                .copied()
                .filter(|t| turns.contains(t))
                .collect();
            vec![
                format!("**{}**", node.name.reveal()),
                words::kind_of(node),
                words::places(month, &said),
                words::percent(node.confidence),
            ]
        })
        .collect();
    words::table(&["New thing", "Kind", "Said in", "Sure"], &rows)
}

/// Facts that are new, and those that began or ended otherwise than was known before.
fn facts(month: &Month<'_>, turns: &BTreeSet<TurnId>, before: &State, after: &State) -> String {
    let changed = |edge: &&Edge| {
        before.graph.edges.get(&edge.id).is_none_or(|old| {
            (old.valid_from, old.valid_until) != (edge.valid_from, edge.valid_until)
        })
    };
    let edges = after.graph.edges.values();
    let mut rows: Vec<(String, Vec<String>)> = edges
        .filter(|edge| edge.kind != EdgeKind::Mentions)
        .filter(changed)
        .map(|edge| {
            let said = edge.log.iter().flat_map(|said| &said.turns).copied();
            let here: Vec<TurnId> = said.filter(|turn| turns.contains(turn)).collect();
            let place = words::places(month, &here);
            let by = if place.is_empty() {
                // Another value of the same slot ended it.
                "follows".to_owned()
            } else {
                place.clone()
            };
            let row = vec![
                words::fact(&after.graph, edge),
                words::kept_as(edge),
                words::when(month.scenario, edge),
                by,
                words::sure(edge),
            ];
            (format!("{place} {}", row.join(" ")), row)
        })
        .collect();
    rows.sort();
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(_order, row)| row).collect();
    let heads = ["New or changed fact", "Kept as", "Holds", "Said in", "Sure"];
    words::table(&heads, &rows)
}

/// Facts that became surer because they were said once more.
fn again(month: &Month<'_>, before: &State, after: &State) -> Option<String> {
    let edges = after.graph.edges.values();
    let mut surer: Vec<String> = edges
        .filter(|edge| edge.kind != EdgeKind::Mentions)
        .filter_map(|edge| {
            let old = before.graph.edges.get(&edge.id)?;
            let same = (old.valid_from, old.valid_until) == (edge.valid_from, edge.valid_until);
            let (was, is) = (words::sure(old), words::sure(edge));
            (same && was != is)
                .then(|| format!("“{}” ({was}, now {is})", words::fact(&after.graph, edge)))
        })
        .collect();
    surer.sort();
    let teen = &month.scenario.teen;
    (!surer.is_empty()).then(|| format!("{teen} said again: {}.\n", words::list(&surer)))
}

fn judgement(compared: &Compared) -> String {
    let ((things, all_things), (facts, all_facts)) = (compared.things, compared.facts);
    let mut lines = vec![format!(
        "**A careful reader** would note down {all_things} things and {all_facts} facts here; \
         {things} and {facts} of them were read."
    )];
    if !compared.missed.is_empty() {
        lines.push(format!("Missed: {}.", compared.missed.join(", ")));
    }
    if !compared.extra.is_empty() {
        lines.push(format!(
            "Read, but not meant: {}.",
            compared.extra.join(", ")
        ));
    }
    format!("{}\n", lines.join(" "))
}
