//! Tags, names, numbers of resources, and what is open to whom.

use std::{collections::BTreeMap, fs};

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;

use super::{Rule, World, found};
use crate::{
    terraform::{
        plans::{PREFIX, Plan, Profile, Resource},
        schema,
    },
    workspace::root,
};

pub(super) const RULES: &[Rule] = &[
    ("every_taggable_resource_says_its_purpose", purposes),
    ("every_name_begins_with_the_prefix", names),
    ("each_profile_makes_these_many_resources", counts),
    ("the_pilot_has_no_graph_database_and_no_network", pilot),
    ("by_default_nothing_is_open_to_every_address", addresses),
    ("by_default_no_gateway_and_no_interface_is_paid_for", idle),
    ("the_endpoints_are_a_text_that_can_be_decoded", endpoints),
    (
        "the_schema_holds_the_types_that_are_used_and_no_others",
        types,
    ),
];

/// What a resource may be for.
const PURPOSES: &[&str] = &[
    "realtime-chat",
    "graph",
    "identity",
    "memory",
    "state",
    "network",
    "operations",
];

/// How many resources of each type every profile makes. `cargo xtask terraform --golden` writes it.
pub(in crate::terraform) const COUNTS: &str = "xtask/src/terraform/whole/counts.json";

/// Numbers of resources by profile and type.
pub(in crate::terraform) type Counts = BTreeMap<String, BTreeMap<String, usize>>;

fn purposes(world: &World) -> anyhow::Result<Vec<String>> {
    let taggable = taggable()?;
    let mut findings = Vec::new();
    for plan in &world.plans {
        for one in plan
            .resources
            .iter()
            .filter(|one| taggable.contains(&one.kind))
        {
            let purpose = one.text("/tags/Purpose");
            if !purpose.is_some_and(|purpose| PURPOSES.contains(&purpose)) {
                findings.push(found(plan, format_args!("{}: {purpose:?}", one.address)));
            }
        }
    }
    Ok(findings)
}

#[derive(Deserialize)]
struct Known {
    resources: BTreeMap<String, KnownType>,
    data: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct KnownType {
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
}

fn known() -> anyhow::Result<Known> {
    let text = fs::read_to_string(root().join(schema::FILE)).context("there is no schema")?;
    Ok(serde_json::from_str(&text)?)
}

/// Types that have an argument `tags`.
fn taggable() -> anyhow::Result<Vec<String>> {
    let all = known()?.resources.into_iter();
    let taggable = all.filter(|(_, known)| known.attributes.contains_key("tags"));
    Ok(taggable.map(|(name, _)| name).collect())
}

fn types(world: &World) -> anyhow::Result<Vec<String>> {
    let known = known()?;
    let resources = known.resources.into_keys();
    let data = known.data.into_keys().map(|name| format!("data.{name}"));
    let known: Vec<String> = resources.chain(data).collect();
    let used: Vec<String> = world.tree.types().into_iter().map(schema::shown).collect();
    let missing = used.iter().filter(|name| !known.contains(name));
    let unused = known.iter().filter(|name| !used.contains(name));
    let how = "run `cargo xtask terraform schema`";
    Ok(missing
        .map(|name| format!("{name} is missing: {how}"))
        .chain(unused.map(|name| format!("{name} is used by no file: {how}")))
        .collect())
}

/// Arguments that name a thing in an account, and what may stand before the prefix.
const NAMED_BY: &[&str] = &[
    "/function_name",
    "/bucket",
    "/alarm_name",
    "/dashboard_name",
    "/identifier",
    "/cluster_identifier",
    "/name",
];

/// Types whose argument `name` is one of AWS's or belongs to their parent.
const NOT_NAMES: &[&str] = &[
    "aws_iam_role_policy",
    "aws_apigatewayv2_stage",
    "aws_lambda_alias",
    "aws_lambda_event_source_mapping",
];

fn names(world: &World) -> anyhow::Result<Vec<String>> {
    let before = [
        "",
        "/aws/lambda/",
        "/aws/apigateway/",
        "/aws/neptune/",
        "/aws/vpc/",
        "/aws/sns/",
        "alias/",
    ];
    let mut findings = Vec::new();
    for plan in &world.plans {
        for one in plan
            .resources
            .iter()
            .filter(|one| !NOT_NAMES.contains(&one.kind.as_str()))
        {
            let name = NAMED_BY.iter().find_map(|path| one.text(path));
            let name = name.filter(|_| !one.kind.ends_with("_attachment"));
            let derives = |name: &str| {
                let mut before = before.iter();
                before.any(|before| {
                    name.strip_prefix(before)
                        .is_some_and(|rest| rest.starts_with(PREFIX))
                })
            };
            if let Some(name) = name.filter(|name| !derives(name)) {
                findings.push(found(plan, format_args!("{} is named {name}", one.address)));
            }
        }
    }
    Ok(findings)
}

/// Numbers of resources of every plan.
pub(in crate::terraform) fn counted(plans: &[Plan]) -> Counts {
    let mut counts = Counts::new();
    for plan in plans {
        let of_plan = counts.entry(plan.profile.name().to_owned()).or_default();
        for one in &plan.resources {
            *of_plan.entry(one.kind.clone()).or_default() += 1;
        }
    }
    counts
}

fn counts(world: &World) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(root().join(COUNTS)).unwrap_or_else(|_none| "{}".to_owned());
    let golden: Counts = serde_json::from_str(&text)?;
    let now = counted(&world.plans);
    let mut findings = Vec::new();
    for (profile, now) in &now {
        let none = BTreeMap::new();
        let golden = golden.get(profile).unwrap_or(&none);
        let kinds = now
            .keys()
            .chain(golden.keys().filter(|kind| !now.contains_key(*kind)));
        for kind in kinds {
            let (was, is) = (golden.get(kind).unwrap_or(&0), now.get(kind).unwrap_or(&0));
            if was != is {
                findings.push(format!("{profile}: {kind}: {was} before, {is} now"));
            }
        }
    }
    if !findings.is_empty() {
        findings
            .push("as wished? `cargo xtask terraform --golden` writes the new numbers".to_owned());
    }
    Ok(findings)
}

fn pilot(world: &World) -> anyhow::Result<Vec<String>> {
    let plan = world.plan(Profile::Pilot)?;
    let of_network = |one: &&Resource| {
        let kinds = [
            "aws_vpc",
            "aws_subnet",
            "aws_security_group",
            "aws_nat_gateway",
        ];
        one.kind.starts_with("aws_neptune") || kinds.iter().any(|kind| one.kind.starts_with(kind))
    };
    let there = plan.resources.iter().filter(of_network);
    let inside = plan
        .of("aws_lambda_function")
        .filter(|one| !one.list("/vpc_config").is_empty());
    Ok(there.chain(inside).map(|one| one.address.clone()).collect())
}

fn addresses(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for profile in [Profile::Recommended, Profile::Pilot] {
        let plan = world.plan(profile)?;
        for one in plan
            .resources
            .iter()
            .filter(|one| one.kind.contains("security_group"))
        {
            let text = one.values.to_string();
            if text.contains("\"0.0.0.0/0\"") || text.contains("\"::/0\"") {
                findings.push(found(plan, &one.address));
            }
        }
    }
    Ok(findings)
}

fn idle(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for profile in [Profile::Recommended, Profile::Pilot] {
        let plan = world.plan(profile)?;
        let interfaces = plan
            .of("aws_vpc_endpoint")
            .filter(|one| one.text("/vpc_endpoint_type") == Some("Interface"));
        let paid = plan
            .of("aws_nat_gateway")
            .chain(plan.of("aws_eip"))
            .chain(interfaces);
        findings.extend(paid.map(|one| found(plan, &one.address)));
    }
    Ok(findings)
}

fn endpoints(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        let text = plan.outputs.get("api_endpoints").and_then(Value::as_str);
        let decoded = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
        for name in ["health_check_url", "websocket_url", "http_api_url"] {
            let url = decoded
                .as_ref()
                .and_then(|all| all.get(name))
                .and_then(Value::as_str);
            // A shell takes it without quotes.
            let is_plain = |url: &str| !url.contains([' ', '&', '*', '?']);
            if !url.is_some_and(is_plain) {
                findings.push(found(plan, format_args!("{name} is {url:?}")));
            }
        }
    }
    Ok(findings)
}
