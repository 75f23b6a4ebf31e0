//! Why a fact is believed, and what was true on a day.

use anyhow::Context as _;
use innerworld_core::memory::{
    Fact, Target, View, ViewQuery,
    facts::{self, Voice},
    graph::Polarity,
};

use super::{
    month::{Month, State},
    scenario::AsOf,
    words,
};

/// The fact that the scenario asks about, with all that it rests on.
pub(super) async fn why(month: &Month<'_>, state: &State) -> anyhow::Result<String> {
    let note = &month.scenario.why.fact;
    let mut edges = state.graph.edges.values();
    let edge = edges.find(|edge| note.is_about(&state.graph, edge));
    let edge = edge.with_context(|| {
        let words = note.words(&month.scenario.teen);
        format!("memory does not hold {words:?}: let [why] ask about another fact")
    })?;
    let target = Target::Fact(edge.id);
    let thing = month.memory.thing(month.teen, target).await?;
    let thing = thing.context("a fact of the graph cannot be looked at")?;
    let mut parts = vec![format!("**{}**\n", thing.item.name.reveal())];
    for fact in &thing.facts {
        parts.push(intervals(month, fact));
        parts.push(log(month, fact));
    }
    let quotes = thing.evidence.iter().map(|turn| {
        let text = turn.text.as_ref().map_or("", |text| text.reveal());
        format!("> {}, {}: {text}\n", turn.day, turn.name.reveal())
    });
    parts.push(quotes.collect::<Vec<_>>().join(">\n"));
    Ok(parts.join("\n"))
}

fn intervals(month: &Month<'_>, fact: &Fact) -> String {
    let told = fact.intervals.iter().map(|interval| {
        let from = month.scenario.short_day(interval.from);
        match interval.until {
            Some(until) => format!("from {from} to {}", month.scenario.short_day(until)),
            None => format!("since {from}"),
        }
    });
    let told: Vec<String> = told.collect();
    format!("It held {}.\n", words::list(&told))
}

fn log(month: &Month<'_>, fact: &Fact) -> String {
    let scenario = month.scenario;
    let rows = fact.edge.log.iter().map(|said| {
        let holds = match said.polarity {
            Polarity::Holds => "holds",
            Polarity::Stopped => "stopped",
        };
        vec![
            holds.to_owned(),
            scenario.short_day(said.valid_at),
            scenario.short_day(said.recorded_at),
            words::places(month, &said.turns),
            words::percent(said.confidence),
            said.extractor.clone(),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let heads = ["Says", "of", "written down", "Said in", "Sure", "Read by"];
    words::table(&heads, &rows)
}

/// Every question about a day, with its answer.
pub(super) async fn as_of(month: &Month<'_>, state: &State) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    for ask in &month.scenario.as_of {
        let answers = answers(month, state, ask).await?;
        let believed = ask.believed.as_deref().unwrap_or("");
        rows.push(vec![
            ask.question.clone(),
            format!("`{}`", ask.on),
            if believed.is_empty() {
                "all that is known".to_owned()
            } else {
                format!("`{believed}`")
            },
            if answers.is_empty() {
                "it does not say".to_owned()
            } else {
                words::list(&answers)
            },
        ]);
    }
    let heads = ["Question", "`true_on`", "`known_on`", "Answer"];
    Ok(words::table(&heads, &rows))
}

async fn answers(month: &Month<'_>, state: &State, ask: &AsOf) -> anyhow::Result<Vec<String>> {
    let scenario = month.scenario;
    let known_on = ask.believed.as_deref().map(|day| scenario.end_of(day));
    let query = ViewQuery {
        view: View::Edges,
        q: Some(ask.from.clone().into()),
        true_on: Some(scenario.end_of(&ask.on)?),
        known_on: known_on.transpose()?,
        ..ViewQuery::default()
    };
    let page = month.memory.view(month.teen, &query).await?;
    let graph = &state.graph;
    let answers = page.items.iter().filter_map(|item| {
        let Target::Fact(id) = item.target else {
            return None;
        };
        let edge = graph.edges.get(&id)?;
        let asked =
            edge.slot == ask.slot && words::is_end(graph.nodes.get(&edge.from), Some(&ask.from));
        asked
            .then(|| facts::clause(graph, edge, Voice::ToTeen))
            .flatten()
    });
    let mut answers: Vec<String> = answers.collect();
    answers.sort();
    Ok(answers)
}
