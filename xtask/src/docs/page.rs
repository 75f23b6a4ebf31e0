//! The page: prose from a template, with what the program says set into it.

use std::{collections::BTreeSet, fs};

use anyhow::{Context as _, ensure};
use innerworld_core::memory::{Target, drawing::Drawing, graph::Graph};

use super::{
    Made,
    compare::Compared,
    forgetting,
    month::{Month, State},
    questions, recalled,
    scenario::Scenario,
    sessions, words,
};
use crate::workspace::root;

const SCENARIO: &str = "docs/explanation/memory/month.toml";
const TEMPLATE: &str = "docs/explanation/memory/template.md";
const PAGE: &str = "docs/explanation/memory.md";
const GRAPH: &str = "docs/explanation/memory/graph.svg";
const FORGOTTEN: &str = "docs/explanation/memory/graph-forgetting.svg";

/// Lives the month, and gives the page with its pictures.
pub(super) async fn tell() -> anyhow::Result<Vec<Made>> {
    let scenario = Scenario::parse(&read(SCENARIO)?)?;
    let mut month = Month::begin(&scenario)?;
    let (told, total, state) = live(&mut month).await?;
    let memory = recalled::open(&month).await?;
    let graph = picture(&month, &state.graph, &BTreeSet::new(), "holds");
    let digest = recalled::digest(&memory);
    let recall = recalled::tell(&month, memory)?;
    let why = questions::why(&month, &state).await?;
    let as_of = questions::as_of(&month, &state).await?;
    let forgotten = forgetting::forget(&month, &state).await?;
    let after = recalled::open(&month).await?;
    let values = [
        ("sessions", told),
        ("counts", counts(&state)),
        ("digest", digest),
        ("recall", recall),
        ("why", why),
        ("as_of", as_of),
        ("going", forgotten.going),
        ("left", forgotten.left),
        ("proof", forgotten.proof),
        ("digest_after", recalled::digest(&after)),
        ("score", score(&total)),
    ];
    Ok(vec![
        Made {
            path: PAGE,
            text: fill(&read(TEMPLATE)?, &values)?,
        },
        Made {
            path: GRAPH,
            text: graph,
        },
        Made {
            path: FORGOTTEN,
            text: picture(&month, &state.graph, &forgotten.gone, "loses"),
        },
    ])
}

fn read(path: &str) -> anyhow::Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("could not read {path}"))
}

/// Remembers one session after the other; gives the telling, the reader's score and what memory
/// holds in the end.
async fn live(month: &mut Month<'_>) -> anyhow::Result<(String, Compared, State)> {
    let scenario = month.scenario;
    let mut state = month.state().await?;
    let (mut told, mut total) = (Vec::new(), Compared::default());
    for (number, session) in scenario.sessions.iter().enumerate() {
        let after = month.remember(number).await?;
        let turns = sessions::turns_of(month, number);
        let compared = Compared::of(session, &scenario.teen, &after.graph, &turns)?;
        told.push(sessions::tell(
            month,
            (number, session),
            (&state, &after),
            &compared,
        )?);
        total.add(compared);
        state = after;
    }
    Ok((told.join("\n"), total, state))
}

fn picture(month: &Month<'_>, graph: &Graph, gone: &BTreeSet<Target>, verb: &str) -> String {
    let day = month.scenario.instant(&month.scenario.next.at);
    let day = day
        .map(|at| month.scenario.short_day(at))
        .unwrap_or_default();
    let teen = &month.scenario.teen;
    let title = match verb {
        "holds" => format!("What {teen}’s memory holds on {day}"),
        _ => format!(
            "What goes when {teen} forgets {}",
            month.scenario.forget.name
        ),
    };
    let drawing = Drawing {
        graph,
        zone: &month.scenario.zone,
        teen_name: teen,
        title: &title,
        gone,
    };
    drawing.to_svg()
}

fn counts(state: &State) -> String {
    let things = state.graph.nodes.len().saturating_sub(1);
    format!(
        "{things} things and {} facts",
        words::facts_in(&state.graph)
    )
}

fn score(total: &Compared) -> String {
    let ((things, all_things), (facts, all_facts)) = (total.things, total.facts);
    format!(
        "Over the month, of what a careful reader would note down: {things} of {all_things} things \
         and {facts} of {all_facts} facts. {} that nobody meant were kept as well.",
        total.extra.len()
    )
}

/// Sets values into the places of the template that are called like them: `{{sessions}}`.
fn fill(template: &str, values: &[(&str, String)]) -> anyhow::Result<String> {
    let mut text = template.to_owned();
    for (name, value) in values {
        let place = format!("{{{{{name}}}}}");
        ensure!(text.contains(&place), "{TEMPLATE} has no place {place}");
        text = text.replace(&place, value.trim_end());
    }
    ensure!(
        !text.contains("{{"),
        "{TEMPLATE} has a place that nothing fills"
    );
    Ok(text)
}
