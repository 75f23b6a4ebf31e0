//! Every rule finds what it is for: a deployment with one thing wrong.

use serde_json::{Value, json};

use super::*;
use crate::terraform::plans::Resource;

/// What a rule finds where these resources are all that the recommended profile makes.
fn broken_by(rule: &str, resources: &[(&str, Value)]) -> Vec<String> {
    let plan = |profile| Plan {
        profile,
        resources: resources
            .iter()
            .enumerate()
            .map(|(number, (kind, values))| Resource {
                address: format!("{kind}.r{number}"),
                kind: (*kind).to_owned(),
                values: values.clone(),
            })
            .collect(),
        outputs: serde_json::Map::new(),
    };
    let plans = Profile::ALL.map(plan).into_iter().collect();
    let world = World::new(plans, Tree::of(&[]).unwrap()).unwrap();
    let mut rules = world.check().into_iter();
    let (_, found) = rules.find(|(name, _)| *name == rule).unwrap();
    found
        .into_iter()
        .filter(|one| one.starts_with("recommended: "))
        .collect()
}

fn policy(role: &str, statement: &Value) -> (&'static str, Value) {
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let role = format!("innerworld-prod-{role}");
    (
        "aws_iam_role_policy",
        json!({"name": "rights", "role": role, "policy": policy}),
    )
}

fn function(name: &str, more: &Value) -> (&'static str, Value) {
    let mut values = json!({"function_name": format!("innerworld-prod-{name}")});
    for (key, value) in more.as_object().unwrap() {
        values[key] = value.clone();
    }
    ("aws_lambda_function", values)
}

#[test]
fn names_of_rules_stand_once() {
    let mut names: Vec<_> = RULES
        .iter()
        .copied()
        .flatten()
        .map(|(name, _)| *name)
        .collect();
    let number = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), number);
}

#[test]
fn tags_and_names() {
    let rule = "every_taggable_resource_says_its_purpose";
    let queue = |tags: Value| vec![("aws_sqs_queue", json!({"tags": tags}))];
    assert_eq!(broken_by(rule, &queue(json!({}))).len(), 1);
    assert_eq!(broken_by(rule, &queue(json!({"Purpose": "fun"}))).len(), 1);
    assert!(broken_by(rule, &queue(json!({"Purpose": "memory"}))).is_empty());
    let rule = "every_name_begins_with_the_prefix";
    assert_eq!(
        broken_by(rule, &[("aws_sqs_queue", json!({"name": "jobs"}))]).len(),
        1
    );
}

#[test]
fn variables_of_functions() {
    let rule = "functions_are_told_the_variables_of_the_map_and_no_others";
    let told = |variables: Value| {
        let environment = json!({"environment": [{"variables": variables}]});
        broken_by(rule, &[function("cognito-pre-sign-up", &environment)])
    };
    assert!(told(json!({"ENVIRONMENT": "prod", "DEBUG": "false"})).is_empty());
    assert_eq!(told(json!({"ENVIRONMENT": "prod"})).len(), 1);
    assert_eq!(
        told(json!({"ENVIRONMENT": "", "DEBUG": "false", "AWS_REGION": "r"})).len(),
        2
    );
}

#[test]
fn places_of_functions() {
    let rule = "functions_have_the_time_memory_and_network_of_the_map";
    let right = json!({"timeout": 5, "memory_size": 256, "vpc_config": []});
    assert!(broken_by(rule, &[function("authorizer", &right)]).is_empty());
    for wrong in [
        json!({"timeout": 30, "memory_size": 256, "vpc_config": []}),
        json!({"timeout": 5, "memory_size": 128, "vpc_config": []}),
        json!({"timeout": 5, "memory_size": 256, "vpc_config": [{}]}),
    ] {
        assert_eq!(broken_by(rule, &[function("authorizer", &wrong)]).len(), 1);
    }
    let stray = [function("stray", &json!({}))];
    let found = broken_by("the_functions_are_those_of_the_map", &stray);
    assert!(
        found
            .iter()
            .any(|one| one.contains("innerworld-prod-stray is not in the map"))
    );
}

#[test]
fn rights_of_functions() {
    let connections = "arn:aws:dynamodb:us-east-1:1:table/innerworld-prod-websocket-connections";
    let allow = |action: &str, resource: &str| json!({"Effect": "Allow", "Action": [action], "Resource": resource});
    let rule = "roles_of_functions_may_do_what_the_map_says";
    let with = |statement: Value| {
        let made = function("connect-handler", &json!({}));
        broken_by(rule, &[made, policy("connect-handler", &statement)])
    };
    assert!(with(allow("dynamodb:PutItem", connections)).is_empty());
    // One that it lacks, and one that it has instead.
    assert_eq!(with(allow("dynamodb:Scan", connections)).len(), 2);
    let rule = "beside_it_they_may_do_what_lambda_needs";
    let elsewhere = policy(
        "connect-handler",
        &allow("s3:GetObject", "arn:aws:s3:::another/*"),
    );
    assert_eq!(broken_by(rule, &[elsewhere]).len(), 1);
    let rule = "no_role_may_do_every_action_of_a_service";
    assert_eq!(
        broken_by(
            rule,
            &[policy("turn-worker", &allow("dynamodb:*", connections))]
        )
        .len(),
        1
    );
    let rule = "every_resource_stands_only_where_nothing_else_can";
    assert_eq!(
        broken_by(
            rule,
            &[policy("turn-worker", &allow("sqs:SendMessage", "*"))]
        )
        .len(),
        1
    );
    let rule = "other_roles_may_do_these_things";
    assert_eq!(
        broken_by(rule, &[policy("scheduler", &allow("sqs:DeleteQueue", "a"))]).len(),
        1
    );
}

#[test]
fn policies_of_things() {
    let rule = "nobody_else_is_let_in_by_a_policy_of_a_thing";
    let with = |principal: Value| {
        let statement =
            json!({"Effect": "Allow", "Action": "s3:GetObject", "Principal": principal});
        let policy = json!({"Statement": [statement]}).to_string();
        broken_by(rule, &[("aws_s3_bucket_policy", json!({"policy": policy}))])
    };
    assert_eq!(with(json!("*")).len(), 1);
    assert_eq!(
        with(json!({"AWS": "arn:aws:iam::999999999999:root"})).len(),
        1
    );
    assert!(with(json!({"AWS": "arn:aws:iam::111122223333:root"})).is_empty());
}

#[test]
fn tables_routes_and_networks() {
    let table = json!({"name": "innerworld-prod-teen-keys", "hash_key": "user_id",
        "attribute": [{"name": "user_id", "type": "S"}], "ttl": [], "deletion_protection_enabled": false});
    let wrong = |rule, part: &str| {
        let found = broken_by(rule, &[("aws_dynamodb_table", table.clone())]);
        found.iter().any(|one| one.contains(part))
    };
    assert!(!wrong(
        "tables_have_the_keys_and_indexes_of_the_adapters",
        ": teen-keys: keys"
    ));
    assert!(wrong(
        "tables_are_hard_to_delete_and_encrypted_by_our_key_when_asked",
        ": teen-keys: protected"
    ));
    let route = json!({"route_key": "GET /v1/me", "authorization_type": "NONE"});
    let rule = "http_routes_and_who_may_ask_are_those_of_the_description";
    let found = broken_by(rule, &[("aws_apigatewayv2_route", route)]);
    assert!(
        found
            .iter()
            .any(|one| one.contains("GET /v1/me for NONE is not described"))
    );
    let rule = "by_default_nothing_is_open_to_every_address";
    let open = json!({"cidr_ipv4": "0.0.0.0/0"});
    assert_eq!(
        broken_by(rule, &[("aws_vpc_security_group_egress_rule", open)]).len(),
        1
    );
    let rule = "by_default_no_gateway_and_no_interface_is_paid_for";
    assert_eq!(broken_by(rule, &[("aws_nat_gateway", json!({}))]).len(), 1);
}

#[test]
fn alarms_on_what_is_not_there() {
    let alarm = json!({"namespace": "AWS/Lambda", "metric_name": "Errors", "period": 300,
        "dimensions": {"FunctionName": "innerworld-prod-gone"}});
    let alarms = [("aws_cloudwatch_metric_alarm", alarm)];
    assert_eq!(
        broken_by("alarms_are_on_things_of_this_deployment", &alarms).len(),
        1
    );
    let rule = "every_alarm_says_what_missing_data_means_and_tells_somebody";
    assert_eq!(broken_by(rule, &alarms).len(), 1);
    let rule = "the_essential_alarms_are_there_and_no_more";
    assert!(broken_by(rule, &alarms).len() > 10);
}
