//! Rules about the deployment as a whole, which no assertion in a module can see: each has a name, and is
//! checked over the plans of the three example files.

#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule is called the same way"
)]
mod alarms;
#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule is called the same way"
)]
mod commands;
mod documents;
#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule is called the same way"
)]
mod functions;
mod policy;
mod rights;
#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule is called the same way"
)]
mod routes;
#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule is called the same way"
)]
mod shape;
#[expect(
    clippy::unnecessary_wraps,
    reason = "every rule is called the same way"
)]
mod tables;
#[cfg(test)]
mod tests;

use std::fs;

use super::{
    map::{self, Function, Table},
    plans::{Plan, Profile},
    tree::Tree,
};
use crate::{process::say, workspace::root};

/// What rules look at.
#[derive(Debug)]
pub(super) struct World {
    pub(super) plans: Vec<Plan>,
    pub(super) functions: Vec<Function>,
    pub(super) tables: Vec<Table>,
    pub(super) tree: Tree,
}

/// A rule: its name, and what breaks it.
type Rule = (&'static str, fn(&World) -> anyhow::Result<Vec<String>>);

/// Every rule.
const RULES: &[&[Rule]] = &[
    shape::RULES,
    functions::RULES,
    rights::RULES,
    tables::RULES,
    routes::RULES,
    alarms::RULES,
    commands::RULES,
    documents::RULES,
];

impl World {
    pub(super) fn new(plans: Vec<Plan>, tree: Tree) -> anyhow::Result<Self> {
        Ok(Self {
            plans,
            functions: map::functions()?,
            tables: map::tables()?,
            tree,
        })
    }

    /// Every rule with what breaks it.
    pub(super) fn check(&self) -> Vec<(&'static str, Vec<String>)> {
        let rules = RULES.iter().copied().flatten();
        rules
            .map(|(name, rule)| {
                let found = rule(self).unwrap_or_else(|error| vec![format!("{error:#}")]);
                (*name, found)
            })
            .collect()
    }

    /// The plans of a deployment, without that of the state.
    fn deployments(&self) -> impl Iterator<Item = &Plan> {
        let plans = self.plans.iter();
        plans.filter(|plan| plan.profile != Profile::State)
    }

    fn plan(&self, profile: Profile) -> anyhow::Result<&Plan> {
        let mut plans = self.plans.iter();
        plans
            .find(|plan| plan.profile == profile)
            .ok_or_else(|| anyhow::anyhow!("there is no plan {}", profile.name()))
    }
}

/// Writes down how many resources each profile makes.
pub(super) fn write_counts(plans: &[Plan]) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(&shape::counted(plans))?;
    fs::write(root().join(shape::COUNTS), format!("{text}\n"))?;
    say(&format!("wrote {}", shape::COUNTS));
    Ok(())
}

/// A finding, with the profile that it was made in.
fn found(plan: &Plan, what: impl std::fmt::Display) -> String {
    format!("{}: {what}", plan.profile.name())
}
