//! Functions, as the map has them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Rule, World, found};
use crate::terraform::{
    map::Function,
    plans::{PREFIX, Plan, Profile, Resource},
};

pub(super) const RULES: &[Rule] = &[
    ("the_functions_are_those_of_the_map", all),
    (
        "functions_have_the_time_memory_and_network_of_the_map",
        places,
    ),
    (
        "functions_are_told_the_variables_of_the_map_and_no_others",
        variables,
    ),
    (
        "functions_run_on_the_plain_system_with_their_own_role",
        systems,
    ),
];

/// The function of the map that a resource makes.
pub(super) fn of_map<'a>(world: &'a World, resource: &Resource) -> Option<&'a Function> {
    let name = resource.text("/function_name")?.strip_prefix(PREFIX)?;
    let name = name.strip_prefix('-')?;
    world
        .functions
        .iter()
        .find(|function| function.name == name)
}

/// The graph's functions have nothing to do where graphs lie in tables.
fn wanted(plan: &Plan, function: &Function) -> bool {
    plan.profile != Profile::Pilot || !function.in_vpc
}

fn all(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        let made: BTreeSet<_> = plan
            .of("aws_lambda_function")
            .filter_map(|one| one.text("/function_name"))
            .collect();
        let wanted: BTreeSet<_> = world
            .functions
            .iter()
            .filter(|function| wanted(plan, function))
            .map(|function| format!("{PREFIX}-{}", function.name))
            .collect();
        let missing = wanted.iter().filter(|name| !made.contains(name.as_str()));
        findings.extend(missing.map(|name| found(plan, format_args!("no {name}"))));
        let more = made.iter().filter(|name| !wanted.contains(**name));
        findings.extend(more.map(|name| found(plan, format_args!("{name} is not in the map"))));
    }
    Ok(findings)
}

/// Every function of every plan with its entry in the map.
fn each(world: &World) -> impl Iterator<Item = (&Plan, &Resource, &Function)> {
    world.deployments().flat_map(move |plan| {
        let made = plan.of("aws_lambda_function");
        made.filter_map(move |one| Some((plan, one, of_map(world, one)?)))
    })
}

fn places(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for (plan, made, function) in each(world) {
        let number = |path| made.at(path).and_then(Value::as_u64);
        let inside = !made.list("/vpc_config").is_empty();
        // The first description had all of them inside.
        let wanted = function.in_vpc || plan.profile == Profile::Seed;
        let is_trigger = function.name.starts_with("cognito-");
        let placed = inside == wanted || (is_trigger && !inside);
        let same = number("/timeout") == Some(function.timeout_s)
            && number("/memory_size") == Some(function.memory_mb);
        if !same || !placed {
            findings.push(found(
                plan,
                format_args!(
                    "{}: {:?} s, {:?} MB, inside the network: {inside}",
                    function.name,
                    number("/timeout"),
                    number("/memory_size")
                ),
            ));
        }
    }
    Ok(findings)
}

fn variables(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for (plan, made, function) in each(world) {
        let told = made
            .at("/environment/0/variables")
            .and_then(Value::as_object);
        let told: BTreeSet<&str> = told
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect();
        let wanted: BTreeSet<&str> = function.environment.iter().map(String::as_str).collect();
        for name in wanted.difference(&told) {
            findings.push(found(
                plan,
                format_args!("{} is not told {name}", function.name),
            ));
        }
        for name in told.difference(&wanted) {
            findings.push(found(
                plan,
                format_args!("{} is told {name}", function.name),
            ));
        }
        let values = made
            .at("/environment/0/variables")
            .and_then(Value::as_object);
        let empty = values
            .into_iter()
            .flatten()
            .filter(|(_, value)| value.as_str() == Some(""));
        findings.extend(
            empty.map(|(name, _)| found(plan, format_args!("{}: {name} is empty", function.name))),
        );
    }
    Ok(findings)
}

fn systems(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for (plan, made, function) in each(world) {
        let name = format!("{PREFIX}-{}", function.name);
        let role = plan
            .of("aws_iam_role")
            .any(|role| role.text("/name") == Some(&name));
        let log = format!("/aws/lambda/{name}");
        let log = plan
            .of("aws_cloudwatch_log_group")
            .any(|group| group.text("/name") == Some(&log));
        let right = made.text("/runtime") == Some("provided.al2023")
            && made.text("/handler") == Some("bootstrap")
            && made.text("/architectures/0") == Some("arm64");
        if !(role && log && right) {
            let what = format_args!("{name}: role {role}, log group {log}, system {right}");
            findings.push(found(plan, what));
        }
    }
    Ok(findings)
}
