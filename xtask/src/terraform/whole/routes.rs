//! Routes of the HTTP API, as the program's own description has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use super::{Rule, World, found};
use crate::{terraform::plans::Plan, workspace::root};

pub(super) const RULES: &[Rule] = &[
    (
        "http_routes_and_who_may_ask_are_those_of_the_description",
        http,
    ),
    ("sockets_are_let_in_by_the_authoriser_alone", sockets),
];

const DESCRIPTION: &str = "docs/reference/openapi.json";

/// Paths that `account-api` answers with 404: those of the development mode of one machine.
const ONE_MACHINE: &[&str] = &["/v1/dev/code"];

/// What stands before the functions and is none of the product's own routes.
const HEALTH: &str = "GET /health";

fn described() -> anyhow::Result<BTreeMap<String, &'static str>> {
    let text = fs::read_to_string(root().join(DESCRIPTION))?;
    let document: Value = serde_json::from_str(&text)?;
    let paths = document.get("paths").and_then(Value::as_object);
    let mut routes = BTreeMap::from([(HEALTH.to_owned(), "NONE")]);
    for (path, methods) in paths.into_iter().flatten() {
        if ONE_MACHINE.contains(&path.as_str()) {
            continue;
        }
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let secured = operation.get("security").is_some();
            let authorization = if secured { "JWT" } else { "NONE" };
            routes.insert(format!("{} {path}", method.to_uppercase()), authorization);
        }
    }
    Ok(routes)
}

/// Routes of a plan by key; those of sockets begin with a dollar.
fn planned(plan: &Plan, of_sockets: bool) -> BTreeMap<&str, &str> {
    let all = plan.of("aws_apigatewayv2_route").filter_map(|one| {
        let key = one.text("/route_key")?;
        Some((key, one.text("/authorization_type").unwrap_or("NONE")))
    });
    all.filter(|(key, _)| key.starts_with('$') == of_sockets)
        .collect()
}

fn http(world: &World) -> anyhow::Result<Vec<String>> {
    let described = described()?;
    let described: BTreeSet<(&str, &str)> = described
        .iter()
        .map(|(key, who)| (key.as_str(), *who))
        .collect();
    let mut findings = Vec::new();
    for plan in world.deployments() {
        let planned: BTreeSet<_> = planned(plan, false).into_iter().collect();
        for (key, who) in described.difference(&planned) {
            findings.push(found(plan, format_args!("no {key} for {who}")));
        }
        for (key, who) in planned.difference(&described) {
            findings.push(found(
                plan,
                format_args!("{key} for {who} is not described"),
            ));
        }
    }
    Ok(findings)
}

fn sockets(world: &World) -> anyhow::Result<Vec<String>> {
    let wanted = BTreeMap::from([
        ("$connect", "CUSTOM"),
        ("$default", "NONE"),
        ("$disconnect", "NONE"),
    ]);
    let plans = world.deployments();
    let wrong = plans.filter(|plan| planned(plan, true) != wanted);
    Ok(wrong
        .map(|plan| found(plan, format_args!("{:?}", planned(plan, true))))
        .collect())
}
