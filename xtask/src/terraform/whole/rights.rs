//! Rights: those of functions are the map's, word for word; what Lambda needs beside them is a short list.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Rule, World, found,
    policy::{self, Statement},
};
use crate::terraform::plans::{ACCOUNT, PREFIX, Plan};

pub(super) const RULES: &[Rule] = &[
    ("roles_of_functions_may_do_what_the_map_says", of_map),
    ("beside_it_they_may_do_what_lambda_needs", beside),
    ("no_role_may_do_every_action_of_a_service", actions),
    (
        "every_resource_stands_only_where_nothing_else_can",
        resources,
    ),
    ("other_roles_may_do_these_things", others),
    ("nobody_else_is_let_in_by_a_policy_of_a_thing", things),
];

/// Actions that know no resource, or one that nobody knows before: a function's place in the network, as
/// in AWS's own `AWSLambdaVPCAccessExecutionRole`, and traces.
const WITHOUT_RESOURCE: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
];

/// Roles that are not of a function, and all that they may do.
const OTHERS: &[(&str, &[&str])] = &[
    (
        "scheduler",
        // The key, where queues are encrypted by it.
        &[
            "lambda:InvokeFunction",
            "sqs:SendMessage",
            "kms:Decrypt",
            "kms:GenerateDataKey",
        ],
    ),
    (
        "flow-logs",
        &[
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ],
    ),
];

/// The name of a role after the prefix, and a statement of one of its policies.
fn each(plan: &Plan) -> anyhow::Result<Vec<(String, Statement)>> {
    let mut all = Vec::new();
    for (policy, statements) in policy::of_roles(plan)? {
        // A policy whose role is made in the same plan by reference names the resource by its address.
        let role = policy.text("/role").unwrap_or(&policy.address);
        let role = role
            .strip_prefix(PREFIX)
            .map_or(role, |rest| rest.trim_start_matches('-'));
        all.extend(statements.into_iter().map(|one| (role.to_owned(), one)));
    }
    Ok(all)
}

/// A resource in the map's words; nothing if it is none of the map's.
fn word(arn: &str) -> Option<String> {
    let rest = arn.strip_prefix("arn:aws:")?;
    let (service, rest) = rest.split_once(':')?;
    let (_region, rest) = rest.split_once(':')?;
    let (_account, name) = rest.split_once(':')?;
    let own = |name: &str| {
        Some(
            name.strip_prefix(PREFIX)?
                .strip_prefix(['-', '/'])?
                .to_owned(),
        )
    };
    match service {
        "dynamodb" => Some(format!("table/{}", own(name.strip_prefix("table/")?)?)),
        "kms" => Some("key/product?context=user_id".to_owned()),
        "secretsmanager" => {
            let secret = name.strip_prefix("secret:")?.strip_suffix("-??????")?;
            Some(format!("secret/{}", own(secret)?))
        }
        "lambda" => {
            let name = own(name.strip_prefix("function:")?)?;
            Some(format!("function/{}", name.trim_end_matches(":live")))
        }
        "execute-api" => name
            .ends_with("/@connections/*")
            .then(|| "websocket/connections".to_owned()),
        "sqs" => Some(format!("queue/{}", own(name)?.strip_suffix(".fifo")?)),
        "cognito-idp" => Some("userpool/product".to_owned()),
        "s3" => {
            let exports = format!("{PREFIX}-exports-{ACCOUNT}");
            match name.strip_prefix(&exports)? {
                "" => Some("bucket/exports".to_owned()),
                "/*" => Some("bucket/exports/objects".to_owned()),
                _ => None,
            }
        }
        "neptune-db" => (name == "cluster-GRAPH/*").then(|| "graph/cluster".to_owned()),
        _ => None,
    }
}

/// What a statement allows, in the map's words; nothing if it is not one of the map's.
fn right(statement: &Statement) -> Option<(String, BTreeSet<String>)> {
    let mut words = statement.resources().into_iter().map(word);
    let word = words.next()??;
    let same = words.all(|other| other.as_ref() == Some(&word));
    let condition = &statement.condition;
    let of_teen = condition.pointer("/Null/kms:EncryptionContext:user_id");
    let conditioned = if word.starts_with("key/") {
        of_teen.and_then(Value::as_str) == Some("false")
    } else {
        condition.is_null()
    };
    let actions = statement.actions().into_iter().map(str::to_owned).collect();
    (same && conditioned && statement.effect == "Allow").then_some((word, actions))
}

fn of_map(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        let all = each(plan)?;
        for made in plan.of("aws_lambda_function") {
            let Some(function) = super::functions::of_map(world, made) else {
                continue;
            };
            let own = all.iter().filter(|(role, _)| *role == function.name);
            let own: BTreeSet<_> = own
                .filter(|(role, statement)| !is_lambdas_own(role, statement))
                .filter_map(|(_, statement)| right(statement))
                .collect();
            let wanted: BTreeSet<_> = function
                .rights
                .iter()
                .map(|right| {
                    (
                        right.resource.clone(),
                        right.actions.iter().cloned().collect(),
                    )
                })
                .collect();
            let name = &function.name;
            let missing = wanted.difference(&own);
            findings.extend(missing.map(|what| found(plan, format_args!("{name} lacks {what:?}"))));
            let more = own.difference(&wanted);
            findings.extend(more.map(|what| found(plan, format_args!("{name} has {what:?}"))));
        }
    }
    Ok(findings)
}

/// What Lambda itself needs on behalf of a function.
fn is_lambdas_own(function: &str, statement: &Statement) -> bool {
    let actions = statement.actions();
    let resources = statement.resources();
    let only = |allowed: &[&str]| actions.iter().all(|action| allowed.contains(action));
    let [resource] = resources.as_slice() else {
        return false;
    };
    let through = statement.condition.pointer("/StringEquals/kms:ViaService");
    if only(&["logs:CreateLogStream", "logs:PutLogEvents"]) {
        resource.ends_with(&format!(":log-group:/aws/lambda/{PREFIX}-{function}:*"))
    } else if only(&["sqs:SendMessage"]) {
        // Where calls go that failed.
        resource.ends_with("-failures") && statement.condition.is_null()
    } else if only(&["kms:Decrypt", "kms:GenerateDataKey"]) {
        through.is_some()
    } else {
        *resource == "*" && only(WITHOUT_RESOURCE)
    }
}

fn beside(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        for (role, statement) in each(plan)? {
            let is_function = world.functions.iter().any(|function| function.name == role);
            let known = is_lambdas_own(&role, &statement) || right(&statement).is_some();
            if is_function && !known {
                findings.push(found(plan, format_args!("{role}: {statement:?}")));
            }
        }
    }
    Ok(findings)
}

fn actions(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in &world.plans {
        for (policy, statements) in policy::of_roles(plan)? {
            for one in statements.iter().filter(|one| one.effect == "Allow") {
                let wide =
                    one.is_inverse() || one.actions().iter().any(|action| action.contains('*'));
                if wide {
                    findings.push(found(
                        plan,
                        format_args!("{}: {:?}", policy.address, one.actions()),
                    ));
                }
            }
        }
    }
    Ok(findings)
}

fn resources(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in &world.plans {
        for (policy, statements) in policy::of_roles(plan)? {
            for one in statements
                .iter()
                .filter(|one| one.resources().contains(&"*"))
            {
                if !one
                    .actions()
                    .iter()
                    .all(|action| WITHOUT_RESOURCE.contains(action))
                {
                    findings.push(found(
                        plan,
                        format_args!("{}: {:?}", policy.address, one.actions()),
                    ));
                }
            }
        }
    }
    Ok(findings)
}

fn others(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        for (role, statement) in each(plan)? {
            if world.functions.iter().any(|function| function.name == role) {
                continue;
            }
            let mut others = OTHERS.iter();
            let allowed =
                others.find(|(name, _)| role == *name || role.contains(&name.replace('-', "_")));
            let allowed = allowed.map_or(&[][..], |(_, allowed)| allowed);
            let more = statement
                .actions()
                .into_iter()
                .filter(|action| !allowed.contains(action));
            let more: Vec<_> = more.collect();
            if !more.is_empty() {
                findings.push(found(plan, format_args!("{role} may {more:?}")));
            }
        }
        for one in plan.of("aws_iam_role_policy_attachment") {
            let arn = one.text("/policy_arn").unwrap_or("a policy of its own");
            // The account's only way to let the gateway write logs is AWS's own policy.
            if !arn.ends_with(":policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs") {
                findings.push(found(plan, format_args!("{}: {arn}", one.address)));
            }
        }
    }
    Ok(findings)
}

/// Policies that things carry: whoever is let in is this account, or a service under a condition.
fn things(world: &World) -> anyhow::Result<Vec<String>> {
    let kinds = [
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_s3_bucket_policy",
        "aws_secretsmanager_secret_policy",
        "aws_sns_topic_policy",
        "aws_sqs_queue_policy",
    ];
    let mut findings = Vec::new();
    for plan in &world.plans {
        for one in plan
            .resources
            .iter()
            .filter(|one| kinds.contains(&one.kind.as_str()))
        {
            for statement in policy::statements(one)? {
                let principal = &statement.principal;
                let own = principal.get("AWS").and_then(Value::as_str);
                let own = own.is_some_and(|arn| arn.contains(&format!(":{ACCOUNT}:")));
                let service = principal.get("Service").is_some() && !statement.condition.is_null();
                if statement.effect == "Allow" && !own && !service {
                    findings.push(found(plan, format_args!("{}: {principal}", one.address)));
                }
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(json: &str) -> Statement {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn resources_are_told_in_the_words_of_the_map() {
        for (arn, expected) in [
            (
                "arn:aws:dynamodb:us-east-1:1:table/innerworld-prod-teens",
                Some("table/teens"),
            ),
            (
                "arn:aws:dynamodb:us-east-1:1:table/innerworld-prod-teens/index/SweepIndex",
                Some("table/teens/index/SweepIndex"),
            ),
            (
                "arn:aws:lambda:us-east-1:1:function:innerworld-prod-turn-worker:live",
                Some("function/turn-worker"),
            ),
            (
                "arn:aws:sqs:us-east-1:1:innerworld-prod-graph-writes.fifo",
                Some("queue/graph-writes"),
            ),
            ("arn:aws:dynamodb:us-east-1:1:table/another", None),
            ("*", None),
        ] {
            assert_eq!(word(arn).as_deref(), expected, "{arn}");
        }
    }

    #[test]
    fn a_teen_s_key_without_its_condition_is_no_right_of_the_map() {
        let plain = r#"{"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "arn:aws:kms:r:1:key/k"}"#;
        assert!(right(&statement(plain)).is_none());
        assert!(!is_lambdas_own("turn-worker", &statement(plain)));
        let named = plain.replace(
            "\"Effect\"",
            r#""Condition": {"Null": {"kms:EncryptionContext:user_id": "false"}}, "Effect""#,
        );
        assert!(right(&statement(&named)).is_some());
    }

    #[test]
    fn every_resource_is_lambda_s_own_for_the_network_alone() {
        let wide = r#"{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}"#;
        assert!(!is_lambdas_own("turn-worker", &statement(wide)));
        let network = r#"{"Effect": "Allow", "Action": "ec2:DescribeSubnets", "Resource": "*"}"#;
        assert!(is_lambdas_own("turn-worker", &statement(network)));
    }
}
