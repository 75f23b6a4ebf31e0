//! Tables, as the adapters expect them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Rule, World, found};
use crate::terraform::{
    map::Table,
    plans::{PREFIX, Plan, Profile, Resource},
};

pub(super) const RULES: &[Rule] = &[
    ("tables_have_the_keys_and_indexes_of_the_adapters", keys),
    ("what_expires_does_so_by_expires_at", expiry),
    (
        "tables_are_hard_to_delete_and_encrypted_by_our_key_when_asked",
        kept,
    ),
];

/// Every table with the schema that it must have; a missing one is a finding.
fn each<'a>(
    world: &'a World,
    findings: &mut Vec<String>,
) -> Vec<(&'a Plan, &'a Resource, &'a Table)> {
    let mut all = Vec::new();
    for plan in world.deployments() {
        let made = plan.of("aws_dynamodb_table").count();
        if made != world.tables.len() {
            findings.push(found(plan, format_args!("{made} tables")));
        }
        for schema in &world.tables {
            let name = format!("{PREFIX}-{}", schema.name);
            let mut tables = plan.of("aws_dynamodb_table");
            match tables.find(|one| one.text("/name") == Some(&name)) {
                Some(made) => all.push((plan, made, schema)),
                None => findings.push(found(plan, format_args!("no {name}"))),
            }
        }
    }
    all
}

fn keys(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for (plan, made, schema) in each(world, &mut findings) {
        let mut types: BTreeSet<(String, String)> = BTreeSet::new();
        types.insert((schema.partition.clone(), "S".to_owned()));
        types.extend(schema.sort.clone());
        let mut indexes = BTreeSet::new();
        for index in &schema.indexes {
            types.extend([index.partition.clone(), index.sort.clone()]);
            let kind = if index.also.is_empty() {
                "KEYS_ONLY"
            } else {
                "INCLUDE"
            };
            indexes.insert((
                index.name.clone(),
                index.partition.0.clone(),
                index.sort.0.clone(),
                kind.to_owned(),
                index.also.clone(),
            ));
        }
        let same = made.text("/hash_key") == Some(&schema.partition)
            && made.text("/range_key") == schema.sort.as_ref().map(|(name, _)| name.as_str())
            && attributes(made) == types
            && made_indexes(made) == indexes;
        if !same {
            let what = format_args!(
                "{}: keys {:?}, {:?}; attributes {:?}; indexes {:?}",
                schema.name,
                made.text("/hash_key"),
                made.text("/range_key"),
                attributes(made),
                made_indexes(made)
            );
            findings.push(found(plan, what));
        }
    }
    Ok(findings)
}

fn text(value: &Value, name: &str) -> String {
    let text = value.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn attributes(made: &Resource) -> BTreeSet<(String, String)> {
    let all = made.list("/attribute").iter();
    all.map(|one| (text(one, "name"), text(one, "type")))
        .collect()
}

type Index = (String, String, String, String, Vec<String>);

fn made_indexes(made: &Resource) -> BTreeSet<Index> {
    let all = made.list("/global_secondary_index").iter();
    let also = |one: &Value| {
        let also = one.get("non_key_attributes").and_then(Value::as_array);
        let texts = also.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    all.map(|one| {
        (
            text(one, "name"),
            text(one, "hash_key"),
            text(one, "range_key"),
            text(one, "projection_type"),
            also(one),
        )
    })
    .collect()
}

fn expiry(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for (plan, made, schema) in each(world, &mut findings) {
        let on = made.at("/ttl/0/enabled") == Some(&Value::Bool(true));
        let by = made.text("/ttl/0/attribute_name");
        let right = if schema.expires {
            on && by == Some("expires_at")
        } else {
            !on
        };
        if !right {
            findings.push(found(
                plan,
                format_args!("{}: by {by:?}, on: {on}", schema.name),
            ));
        }
    }
    Ok(findings)
}

fn kept(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for (plan, made, schema) in each(world, &mut findings) {
        let protected = made.at("/deletion_protection_enabled") == Some(&Value::Bool(true));
        // Otherwise DynamoDB encrypts by a key of its own, which nobody pays for.
        let wanted = plan.profile == Profile::Seed;
        let by_product_key = made.at("/server_side_encryption/0/enabled")
            == Some(&Value::Bool(true))
            && made.text("/server_side_encryption/0/kms_key_arn").is_some();
        let days = made.at("/point_in_time_recovery/0/recovery_period_in_days");
        let kept = made.at("/point_in_time_recovery/0/enabled") == Some(&Value::Bool(true));
        // What lives for a day is in no backup.
        let short = [
            "live-conversations",
            "websocket-connections",
            "session-context",
            "sessions",
        ];
        let wrong = kept == short.contains(&schema.name.as_str());
        if !protected || by_product_key != wanted || wrong || (kept && days.is_none()) {
            let what = format_args!(
                "{}: protected {protected}, by our key {by_product_key}, kept {kept} for {days:?} days",
                schema.name
            );
            findings.push(found(plan, what));
        }
    }
    Ok(findings)
}
