//! `cargo xtask terraform report`: the tree's figures beside those of the prototype that it follows.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, ExitCode},
};

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;

use super::{
    FOLDER, code, lints,
    plans::{Plan, Profile},
    run::{self, Ran},
    tree::Tree,
};
use crate::{
    bench::page,
    process::{output, say},
    venv::CHECKOV,
    workspace::root,
};

const PAGE: &str = "benches/infrastructure.md";

/// What stands on the page before the figures.
const INTRODUCTION: &str = "# Infrastructure: how large, how well tested

```
cargo xtask terraform report [--checkov] [--write]
```

With `--write` the command writes this page. It runs what `cargo xtask terraform` runs: every root and module is formatted,
valid and tested with a stand-in for the AWS provider, and rules are checked over the plans of the three example files.
With `--checkov` it also counts the findings of checkov, which it installs from PyPI.

**No plan was ever applied to AWS.** What only AWS refuses (values of enumerations, grammar of policies, quotas) is not
seen here.

The prototype is the earlier tree for the same product (commit 2d15653 of its repository), measured with the same tools.

- **Lines and files** are those of `.tf` files, without tests.
- **Resources** are what a plan of the example file makes.
- **Assertions** are `assert` blocks of `terraform test`, each checked once; **rules** look at whole plans.
- **Validations** are those of variables; one is tested if a run expects the variable to be refused.
- **Seconds** are for all of it on this machine, once the stand-in is built.
";

/// Print the tree's figures: size, resources, tests, findings
#[derive(Debug, Args)]
pub(super) struct Report {
    /// Count the findings of checkov too (`PyPI`)
    #[arg(long)]
    checkov: bool,
    /// Write benches/infrastructure.md
    #[arg(long)]
    write: bool,
}

/// A figure: what it is, the prototype's, ours, what it must be, and whether it is.
struct Row {
    what: &'static str,
    prototype: &'static str,
    ours: String,
    wanted: &'static str,
    met: Option<bool>,
}

impl Report {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let ran = run::all(false)?;
        let findings = self.checkov.then(findings).transpose()?;
        let text = page_of(&ran, findings.as_ref())?;
        say(&format!("\n{text}"));
        if self.write {
            fs::write(root().join(PAGE), text)
                .with_context(|| format!("could not write {PAGE}"))?;
            say(&format!("wrote {PAGE}"));
        }
        Ok(code(ran.counts))
    }
}

fn page_of(ran: &Ran, findings: Option<&Findings>) -> anyhow::Result<String> {
    let terraform = output(Command::new("terraform").arg("version"))?;
    let terraform = terraform.lines().next().unwrap_or_default().to_owned();
    let checkov = match findings {
        Some(_) => format!(", checkov {}", CHECKOV.version("checkov")?),
        None => String::new(),
    };
    let mut text = format!(
        "{INTRODUCTION}\n## {}\n\n{} {terraform}{checkov}.\n\n| | prototype | this tree | must be | |\n|---|---|---|---|---|\n",
        page::today(),
        // How this program was built has no part in it.
        page::machine()
            .replace("; debug profile", "")
            .replace("; release profile", "")
    );
    for row in rows(ran, findings) {
        text.push_str(&row.line());
    }
    Ok(text)
}

impl Row {
    fn line(&self) -> String {
        let met = match self.met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let Self {
            what,
            prototype,
            ours,
            wanted,
            ..
        } = self;
        format!("| {what} | {prototype} | {ours} | {wanted} | {met} |\n")
    }
}

/// A figure that must be something.
fn row(
    (what, prototype): (&'static str, &'static str),
    ours: String,
    (wanted, met): (&'static str, bool),
) -> Row {
    Row {
        what,
        prototype,
        ours,
        wanted,
        met: Some(met),
    }
}

/// A figure that is what it is.
fn fact(what: &'static str, prototype: &'static str, ours: String) -> Row {
    Row {
        what,
        prototype,
        ours,
        wanted: "",
        met: None,
    }
}

fn rows(ran: &Ran, findings: Option<&Findings>) -> Vec<Row> {
    let mut rows = of_size(ran);
    rows.extend(of_tests(ran));
    if let Some(found) = findings {
        let skipped = skipped_kinds(&ran.world.tree);
        rows.push(row(
            ("checkov: passed, failed", "329, 128"),
            format!("{}, {}", found.passed, found.failed),
            ("0 failed", found.failed == 0 && found.parsing_errors == 0),
        ));
        rows.push(row(
            ("checkov: kinds skipped, with reasons", "0"),
            skipped.to_string(),
            ("at most 20", skipped <= 20),
        ));
    }
    let seconds = format!("{:.0}", ran.took.as_secs_f64());
    rows.push(row(
        ("seconds", ""),
        seconds,
        ("under 90", ran.took < run::PATIENCE),
    ));
    rows
}

fn of_size(ran: &Ran) -> Vec<Row> {
    let (lines, files, largest) = size(&ran.world.tree);
    let profiles = [Profile::Recommended, Profile::Pilot, Profile::Seed];
    let each =
        |number: fn(&Plan) -> usize| profiles.map(|profile| plan(ran, profile).map_or(0, number));
    let resources = each(|plan| plan.resources.len());
    let alarms = each(|plan| plan.of("aws_cloudwatch_metric_alarm").count());
    let shown = |numbers: [usize; 3]| numbers.map(|number| number.to_string()).join(", ");
    vec![
        fact(
            "lines of `.tf`, files",
            "7,633",
            format!("{}, {files}", grouped(lines)),
        ),
        row(
            ("largest file, lines", "690"),
            largest.to_string(),
            ("at most 250", largest <= 250),
        ),
        row(
            (
                "resources: recommended, pilot, seed",
                "169; the production root none",
            ),
            shown(resources),
            ("all three plan", resources.iter().all(|number| *number > 0)),
        ),
        row(
            ("alarms: recommended, pilot, seed", "8"),
            shown(alarms),
            ("15, 12, all", alarms.starts_with(&[15, 12])),
        ),
    ]
}

fn of_tests(ran: &Ran) -> Vec<Row> {
    let (validations, tested) = lints::validations(&ran.world.tree);
    let failed = ran.counts.failed;
    vec![
        row(
            ("assertions, runs", "none"),
            format!("{}, {}", ran.assertions, ran.runs),
            ("at least 120", ran.assertions >= run::ASSERTIONS),
        ),
        fact("rules over whole plans", "none", ran.rules.to_string()),
        row(
            ("validations of variables, tested", "none tested"),
            format!("{validations}, {tested}"),
            ("all tested", validations == tested),
        ),
        row(
            ("failed checks", "4 unformatted files"),
            failed.to_string(),
            ("0", failed == 0),
        ),
    ]
}

/// Lines, files, and lines of the largest.
fn size(tree: &Tree) -> (usize, usize, usize) {
    let lines: Vec<usize> = tree
        .sources()
        .map(|file| file.text.lines().count())
        .collect();
    let largest = tree
        .files
        .iter()
        .map(|file| file.text.lines().count())
        .max();
    (lines.iter().sum(), lines.len(), largest.unwrap_or_default())
}

fn plan(ran: &Ran, profile: Profile) -> Option<&Plan> {
    ran.world.plans.iter().find(|plan| plan.profile == profile)
}

/// What checkov says of the tree.
#[derive(Debug, Deserialize)]
struct Findings {
    passed: u32,
    failed: u32,
    parsing_errors: u32,
}

fn findings() -> anyhow::Result<Findings> {
    #[derive(Deserialize)]
    struct Document {
        summary: Findings,
    }
    let mut checkov = CHECKOV.program("checkov")?;
    checkov.args(["--directory", FOLDER, "--output", "json", "--skip-download"]);
    // It fails where it finds something; what it found is counted all the same.
    let told = checkov.output().context("could not start checkov")?;
    let document: Document = serde_json::from_slice(&told.stdout).with_context(|| {
        format!(
            "checkov told of nothing: {}",
            String::from_utf8_lossy(&told.stderr)
        )
    })?;
    Ok(document.summary)
}

/// Kinds of checks that are skipped somewhere in the files.
fn skipped_kinds(tree: &Tree) -> usize {
    let texts = tree
        .sources()
        .flat_map(|file| file.text.split("checkov:skip=").skip(1));
    let kinds = texts.filter_map(|rest| rest.split_once(':').map(|(kind, _)| kind));
    kinds.collect::<BTreeSet<_>>().len()
}

/// `12,345`
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_kinds_counted_once() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(7633), "7,633");
        assert_eq!(grouped(1_234_567), "1,234,567");
        let text =
            "# checkov:skip=CKV_AWS_1:a\n# checkov:skip=CKV_AWS_1:b\n# checkov:skip=CKV2_AWS_2:c\n";
        let tree = Tree::of(&[("main.tf", text)]).unwrap();
        assert_eq!(skipped_kinds(&tree), 2);
    }
}
