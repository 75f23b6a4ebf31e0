//! Tables in `benches/*.md` that commands write: rows by their first cell, below a heading.

use std::fs;

use anyhow::{Context as _, bail};
use innerworld_core::{calendar, clock::Clock as _};
use innerworld_embedded::SystemClock;

use crate::{process::say, workspace::root};

/// A row: its first cell, and the others.
pub(crate) type Row = (String, Vec<String>);

/// Renews those of these rows that stand below a heading of a page, and today's date into the heading.
///
/// # Errors
/// If the page has no such heading, or none of these rows below it.
pub(crate) fn write(page: &str, section: &str, rows: &[Row]) -> anyhow::Result<()> {
    let path = root().join("benches").join(page);
    let text =
        fs::read_to_string(&path).with_context(|| format!("could not read benches/{page}"))?;
    let renewed =
        renewed(&text, section, rows, &today()).with_context(|| format!("in benches/{page}"))?;
    fs::write(&path, renewed).with_context(|| format!("could not write benches/{page}"))?;
    say(&format!("written into benches/{page}, {section}"));
    Ok(())
}

/// `26 November 2026`.
pub(crate) fn today() -> String {
    let day = calendar::day_in("UTC", SystemClock.now());
    day.strftime("%-d %B %Y").to_string()
}

/// What it was measured on: no figure means anything without it.
pub(crate) fn machine() -> String {
    machine_of(if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    })
}

/// The same, of programs that were built with another profile than this one.
pub(crate) fn machine_of(profile: &str) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("an unknown processor", |rest| {
        rest.trim_start_matches([' ', '\t', ':'])
    });
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What follows the numbers names somebody's build of it.
    let kernel = kernel.split('-').next().unwrap_or_default().trim();
    format!("Machine: {cores} cores of an {model}, Linux {kernel}; {profile} profile.")
}

fn renewed(text: &str, section: &str, rows: &[Row], today: &str) -> anyhow::Result<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_heading = |line: &str| {
        let title = line.strip_prefix("## ");
        title.is_some_and(|title| {
            let rest = title.strip_prefix(section);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
        })
    };
    let Some(start) = lines.iter().position(|line| is_heading(line)) else {
        bail!("no heading `## {section}`");
    };
    let below = lines.iter().skip(start + 1);
    let length = below.take_while(|line| !line.starts_with("## ")).count();
    let Some(own) = lines.get_mut(start..=start + length) else {
        bail!("no text below `## {section}`");
    };
    let mut written = 0;
    for (name, cells) in rows {
        if let Some(row) = own.iter_mut().find(|line| first_cell(line) == Some(name)) {
            *row = format!("| {name} | {} |", cells.join(" | "));
            written += 1;
        }
    }
    if written == 0 {
        let names: Vec<&str> = rows.iter().map(|(name, _cells)| name.as_str()).collect();
        bail!(
            "below `## {section}` no row begins with any of: {}",
            names.join("; ")
        );
    }
    if let Some(heading) = own.first_mut() {
        *heading = format!("## {section}, {today}");
    }
    let mut text = lines.join("\n");
    text.push('\n');
    Ok(text)
}

fn first_cell(line: &str) -> Option<&str> {
    let (cell, _rest) = line.strip_prefix("| ")?.split_once(" |")?;
    Some(cell.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Page\n\n## One, 1 May 2026\n\n| what | F1 |\n|---|---|\n| a | 0.1 |\n\n\
        ## Two\n\n| a | 0.2 |\n";

    fn row(name: &str, cell: &str) -> Vec<Row> {
        vec![(name.to_owned(), vec![cell.to_owned()])]
    }

    #[test]
    fn a_row_is_renewed_below_its_own_heading() {
        let page = renewed(PAGE, "Two", &row("a", "0.3"), "2 May 2026").unwrap();
        let expected = PAGE
            .replace("## Two", "## Two, 2 May 2026")
            .replace("0.2", "0.3");
        assert_eq!(page, expected);
        let page = renewed(PAGE, "One", &row("a", "0.4"), "2 May 2026").unwrap();
        assert_eq!(page, PAGE.replace("1 May", "2 May").replace("0.1", "0.4"));
    }

    #[test]
    fn what_is_not_there_is_said() {
        for (section, name, expected) in [
            ("On", "a", "no heading `## On`"),
            ("One", "b", "below `## One` no row begins with any of: b"),
        ] {
            let error = renewed(PAGE, section, &row(name, "1"), "today").unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
