//! Everything that is checked, one after the other.

use std::{process::Command, time::Duration};

use anyhow::Context as _;

use super::{
    FOLDER,
    mirror::Mirror,
    plans,
    scratch::Scratch,
    suite::{Offline, Tested},
    tree::Tree,
    whole::{self, World},
};
use crate::{
    process::{Counts, say},
    workspace::root,
};

/// Fewer assertions than these, and somebody has taken some away.
pub(super) const ASSERTIONS: usize = 120;

/// What all of it may take on two cores, once the stub is built.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);

/// What was checked, with its figures.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) counts: Counts,
    /// Runs of test files that passed.
    pub(super) runs: u32,
    pub(super) assertions: usize,
    /// Rules over the plans.
    pub(super) rules: usize,
    pub(super) took: Duration,
    pub(super) world: World,
}

/// Checks everything. With `golden` the numbers of resources are written down first.
#[expect(
    clippy::disallowed_methods,
    reason = "there is no runtime whose time a test could pause"
)]
pub(super) fn all(golden: bool) -> anyhow::Result<Ran> {
    let mirror = Mirror::lay()?;
    let started = std::time::Instant::now();
    let mut counts = Counts::default();
    check(&mut counts, "every file is formatted", formatted());
    let tree = Tree::read(&root().join(FOLDER))?;
    let scratch = Scratch::copy()?;
    let offline = Offline {
        mirror: &mirror,
        scratch: &scratch,
    };
    let (modules, invalid) = offline.validate(&tree)?;
    let name = format!("{modules} roots and modules are valid");
    check(&mut counts, &name, invalid);
    let tested = offline.test(&tree)?;
    let plans = plans::make(&offline)?;
    if golden {
        whole::write_counts(&plans)?;
    }
    let world = World::new(plans, tree)?;
    let rules = world.check();
    let number_of_rules = rules.len();
    for (name, findings) in rules {
        check(&mut counts, name, findings);
    }
    let assertions = tell(&tested, &mut counts);
    let few = (assertions < ASSERTIONS).then(|| format!("{assertions} assertions"));
    let name = format!("there are {ASSERTIONS} assertions or more");
    check(&mut counts, &name, few.into_iter().collect());
    let took = started.elapsed();
    let late = (took > PATIENCE).then(|| format!("{:.0} s", took.as_secs_f64()));
    if let Some(late) = late {
        say(&format!("slower than {} s: {late}", PATIENCE.as_secs()));
    }
    let ran = Ran {
        counts,
        runs: tested.iter().map(|one| one.told.passed).sum(),
        assertions,
        rules: number_of_rules,
        took,
        world,
    };
    say(&format!(
        "terraform: {} runs, {assertions} assertions, {} passed, {} failed, {:.1} s",
        ran.runs,
        ran.counts.passed,
        ran.counts.failed,
        took.as_secs_f64()
    ));
    Ok(ran)
}

/// Tells a check by its name, and counts it.
fn check(counts: &mut Counts, name: &str, findings: Vec<String>) {
    if findings.is_empty() {
        counts.passed += 1;
        say(&format!("passed {name}"));
        return;
    }
    counts.failed += 1;
    say(&format!("FAILED {name}"));
    for finding in findings {
        say(&format!("  {}", finding.replace('\n', "\n  ")));
    }
}

fn tell(tested: &[Tested], counts: &mut Counts) -> usize {
    for one in tested {
        counts.passed += one.told.passed;
        counts.failed += u32::try_from(one.told.failed.len()).unwrap_or(u32::MAX);
        if !one.is_good() && one.told.failed.is_empty() {
            counts.failed += 1;
        }
        counts.skipped += u32::try_from(one.told.skipped.len()).unwrap_or(u32::MAX);
    }
    tested.iter().map(|one| one.assertions).sum()
}

/// What `terraform fmt` would write differently.
fn formatted() -> Vec<String> {
    let mut fmt = Command::new("terraform");
    fmt.current_dir(root().join(FOLDER))
        .args(["fmt", "-check", "-recursive", "-no-color"]);
    match fmt.output().context("could not start terraform") {
        Ok(done) if done.status.success() => Vec::new(),
        Ok(done) => {
            let listed = String::from_utf8_lossy(&done.stdout);
            listed
                .lines()
                .map(|file| format!("{file}: run `terraform fmt -recursive`"))
                .collect()
        }
        Err(error) => vec![format!("{error:#}")],
    }
}
