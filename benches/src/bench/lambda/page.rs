//! `benches/lambda.md`.

use innerworld_core::{calendar, clock::Clock as _};
use innerworld_embedded::SystemClock;
use serde_json::Value;

use super::figures::{Figures, Function, Must};
use crate::bench::quantile::number;

/// What stands above the tables.
const ABOUT: &str = include_str!("about.md");
/// What stands below them.
const NOTES: &str = include_str!("notes.md");

/// The whole page.
pub(super) fn text(figures: &Figures) -> String {
    let day = calendar::day_in("UTC", SystemClock.now());
    format!(
        "{ABOUT}\n## {}\n\n{}\n\n{}\n\n{}\n\n{NOTES}",
        day.strftime("%-d %B %Y"),
        machine(figures),
        functions(figures),
        talk(figures)
    )
}

fn machine(figures: &Figures) -> String {
    let of = |name: &str| figures.machine.get(name).and_then(Value::as_str);
    let kernel = of("kernel").unwrap_or_default();
    // What follows the numbers names somebody's build of it.
    let kernel = kernel.split('-').next().unwrap_or_default();
    let cores = figures.machine.get("cores").and_then(Value::as_u64);
    format!(
        "Machine: {} cores of an {}, Linux {kernel}; load {} at the beginning; {} starts of each function, \
         {} messages.",
        cores.unwrap_or_default(),
        of("cpu").unwrap_or("unknown processor"),
        of("load").unwrap_or("unknown"),
        figures.starts,
        figures.talk.turns.len()
    )
}

fn functions(figures: &Figures) -> String {
    let processors = figures.functions.first().map(|one| &one.zips);
    let names = processors.into_iter().flatten();
    let names: Vec<&str> = names.map(|(processor, _)| processor.as_str()).collect();
    let mut lines = vec![
        format!(
            "| function | start ms: half / 95 % | CPU ms | resident MB: started / after an event | zip MB: {} \
             | must be | |",
            names.join(" / ")
        ),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(figures.functions.iter().map(row));
    lines.join("\n")
}

fn row(function: &Function) -> String {
    let ([half, most], [started, after]) = (function.start_ms, function.resident_mb());
    let zips: Vec<String> = function
        .zips_mb()
        .into_iter()
        .map(|mb| format!("{mb:.2}"))
        .collect();
    let must = Must::of(&function.name);
    let misses = function.misses();
    let verdict = if misses.is_empty() {
        "met".to_owned()
    } else {
        let what = misses.iter().map(|miss| miss.split(',').next());
        format!(
            "**missed**: {}",
            what.flatten().collect::<Vec<_>>().join("; ")
        )
    };
    format!(
        "| {} | {half:.1} / {most:.1} | {:.1} | {started:.1} / {after:.1} ({}) | {} | {} ms, {} MB, {} MB | \
         {verdict} |",
        function.name,
        number(function.start_cpu_us) / 1e3,
        function.event,
        zips.join(" / "),
        must.start_ms,
        must.resident_mb,
        must.zip_mb
    )
}

fn talk(figures: &Figures) -> String {
    let mut lines = vec![
        "| the talk | | must be | |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    lines.extend(figures.talk.lines().into_iter().map(|line| {
        let verdict = match line.met {
            None => "",
            Some(true) => "met",
            Some(false) => "**missed**",
        };
        format!(
            "| {} | {} | {} | {verdict} |",
            line.what, line.is, line.must
        )
    }));
    lines.join("\n")
}
