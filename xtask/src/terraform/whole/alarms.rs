//! Alarms that can fire: each metric is one that its service gives, under just these dimensions. An alarm
//! on another never changes its state, and nobody is told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;

use super::{Rule, World, found};
use crate::{
    terraform::plans::{PREFIX, Plan, Profile, Resource},
    workspace::root,
};

pub(super) const RULES: &[Rule] = &[
    ("every_alarm_is_on_a_metric_that_exists", metrics),
    (
        "every_alarm_says_what_missing_data_means_and_tells_somebody",
        set_up,
    ),
    ("alarms_are_on_things_of_this_deployment", things),
    ("the_essential_alarms_are_there_and_no_more", essential),
    ("with_all_alarms_each_thing_has_its_own", full),
    ("own_metrics_are_written_by_the_functions", own),
];

/// A namespace, its metrics, sets of dimensions, the shortest useful period and the document that says so.
struct Known {
    namespace: &'static str,
    metrics: &'static [&'static str],
    dimensions: &'static [&'static [&'static str]],
    period_s: u64,
    #[expect(dead_code, reason = "for whoever doubts a line")]
    document: &'static str,
}

const GATEWAY: &str = "Monitor WebSocket API execution with CloudWatch metrics";
const LAMBDA: &str = "Types of metrics for Lambda functions";
const DYNAMODB: &str = "DynamoDB Metrics and dimensions";
const NEPTUNE: &str = "Neptune CloudWatch Metrics; Neptune CloudWatch Dimensions";

const KNOWN: &[Known] = &[
    Known {
        namespace: "AWS/ApiGateway",
        metrics: &[
            "ConnectCount",
            "MessageCount",
            "IntegrationError",
            "ClientError",
            "ExecutionError",
            "IntegrationLatency",
        ],
        dimensions: &[&["ApiId", "Stage"]],
        period_s: 60,
        document: GATEWAY,
    },
    Known {
        namespace: "AWS/Lambda",
        metrics: &["Invocations", "Errors", "Throttles", "Duration"],
        dimensions: &[&["FunctionName"]],
        period_s: 60,
        document: LAMBDA,
    },
    Known {
        namespace: "AWS/DynamoDB",
        metrics: &["ReadThrottleEvents", "WriteThrottleEvents"],
        dimensions: &[&["TableName"], &["GlobalSecondaryIndexName", "TableName"]],
        period_s: 60,
        document: DYNAMODB,
    },
    Known {
        // With the table alone these are never written.
        namespace: "AWS/DynamoDB",
        metrics: &["SystemErrors", "ThrottledRequests"],
        dimensions: &[&["Operation", "TableName"]],
        period_s: 60,
        document: DYNAMODB,
    },
    Known {
        namespace: "AWS/SQS",
        metrics: &[
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesVisible",
        ],
        dimensions: &[&["QueueName"]],
        period_s: 60,
        document: "Available CloudWatch metrics for Amazon SQS",
    },
    Known {
        namespace: "AWS/Neptune",
        metrics: &["CPUUtilization", "FreeableMemory", "ClusterReplicaLag"],
        dimensions: &[&["DBInstanceIdentifier"]],
        period_s: 300,
        document: NEPTUNE,
    },
    Known {
        namespace: "AWS/Neptune",
        metrics: &[
            "MainRequestQueuePendingRequests",
            "ServerlessDatabaseCapacity",
        ],
        dimensions: &[&["DBClusterIdentifier"]],
        period_s: 300,
        document: NEPTUNE,
    },
    Known {
        namespace: OWN,
        metrics: &[
            "crisis_frame_failed",
            "turn_failed",
            "cache_read_share",
            "provider_denied",
        ],
        dimensions: &[&["Environment"]],
        period_s: 60,
        document: "crates/innerworld-lambda/src/metrics.rs",
    },
];

/// The program's own namespace.
const OWN: &str = "InnerWorld";

/// Metrics of one alarm above which `CloudWatch` takes none.
const MOST_METRICS: usize = 10;

/// A metric that an alarm looks at.
#[derive(Debug, PartialEq)]
struct Metric {
    namespace: String,
    name: String,
    dimensions: BTreeMap<String, String>,
    period_s: u64,
}

/// The metrics of an alarm, whether it names one or computes with several.
fn metrics_of(alarm: &Value) -> Vec<Metric> {
    let queries = alarm.get("metric_query").and_then(Value::as_array);
    let queried = queries.into_iter().flatten();
    let queried = queried.filter_map(|query| query.pointer("/metric/0"));
    let one = alarm
        .get("metric_name")
        .filter(|name| !name.is_null())
        .map(|_| alarm);
    queried.chain(one).map(Metric::read).collect()
}

impl Metric {
    fn read(value: &Value) -> Self {
        let text = |name| {
            let text = value.get(name).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let dimensions = value.get("dimensions").and_then(Value::as_object);
        let dimensions = dimensions
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        Self {
            namespace: text("namespace"),
            name: text("metric_name"),
            dimensions: dimensions.collect(),
            period_s: value
                .get("period")
                .and_then(Value::as_u64)
                .unwrap_or_default(),
        }
    }

    /// What is wrong with it.
    fn wrong(&self) -> Option<String> {
        let dimensions: Vec<&str> = self.dimensions.keys().map(String::as_str).collect();
        let known = KNOWN.iter().find(|known| {
            known.namespace == self.namespace
                && known.metrics.contains(&self.name.as_str())
                && known.dimensions.contains(&dimensions.as_slice())
        });
        let name = format!("{} {} by {dimensions:?}", self.namespace, self.name);
        match known {
            None => Some(format!("there is no {name}")),
            Some(known) if self.period_s < known.period_s => {
                Some(format!("{name} comes every {} s at most", known.period_s))
            }
            Some(_) => None,
        }
    }
}

fn alarms(plan: &Plan) -> impl Iterator<Item = (&Resource, Vec<Metric>)> {
    let alarms = plan.of("aws_cloudwatch_metric_alarm");
    alarms.map(|alarm| (alarm, metrics_of(&alarm.values)))
}

fn metrics(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        for (alarm, metrics) in alarms(plan) {
            let wrong: Vec<_> = metrics.iter().filter_map(Metric::wrong).collect();
            findings.extend(
                wrong
                    .iter()
                    .map(|what| found(plan, format_args!("{}: {what}", alarm.address))),
            );
            if metrics.is_empty() || metrics.len() > MOST_METRICS {
                let what = format_args!("{}: {} metrics", alarm.address, metrics.len());
                findings.push(found(plan, what));
            }
        }
    }
    Ok(findings)
}

fn set_up(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        for (alarm, _) in alarms(plan) {
            let missing = alarm.text("/treat_missing_data").is_none();
            // Of the seed's file, which names an address; the topic's ARN is known later, so a value
            // that is not there yet counts.
            let silent = plan.profile == Profile::Seed
                && alarm.values.get("alarm_actions").is_none_or(|actions| {
                    actions.is_null() || actions.as_array().is_some_and(Vec::is_empty)
                });
            if missing || silent {
                let what = format_args!(
                    "{}: missing data {missing}, nobody told {silent}",
                    alarm.address
                );
                findings.push(found(plan, what));
            }
        }
    }
    Ok(findings)
}

/// Names of things of one plan, by the dimension that names them.
fn there<'a>(plan: &'a Plan, dimension: &str) -> Option<BTreeSet<&'a str>> {
    let named = |kind: &'static str, path: &'static str| {
        plan.of(kind)
            .filter_map(move |one| one.text(path))
            .collect()
    };
    Some(match dimension {
        "FunctionName" => named("aws_lambda_function", "/function_name"),
        "TableName" => named("aws_dynamodb_table", "/name"),
        "QueueName" => named("aws_sqs_queue", "/name"),
        "DBInstanceIdentifier" => named("aws_neptune_cluster_instance", "/identifier"),
        "DBClusterIdentifier" => named("aws_neptune_cluster", "/cluster_identifier"),
        _ => return None,
    })
}

fn things(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for plan in world.deployments() {
        for (alarm, metrics) in alarms(plan) {
            for (dimension, value) in metrics.iter().flat_map(|metric| &metric.dimensions) {
                let there = there(plan, dimension);
                if there.is_some_and(|there| !there.contains(value.as_str())) {
                    let what = format_args!("{}: there is no {dimension} {value}", alarm.address);
                    findings.push(found(plan, what));
                }
            }
        }
    }
    Ok(findings)
}

/// The twelve of every deployment, and three more where there is a graph database.
fn essential(world: &World) -> anyhow::Result<Vec<String>> {
    let mut findings = Vec::new();
    for (profile, number) in [(Profile::Pilot, 12), (Profile::Recommended, 15)] {
        let plan = world.plan(profile)?;
        let made = alarms(plan).count();
        if made != number {
            findings.push(found(plan, format_args!("{made} alarms, not {number}")));
        }
        let watched = watched(plan);
        let wanted = [
            ("IntegrationError", "api0000000"),
            ("IntegrationLatency", "api0000000"),
            ("Errors", "conversation-handler"),
            ("Errors", "turn-worker"),
            ("Errors", "session-processor"),
            ("Throttles", "turn-worker"),
            ("WriteThrottleEvents", "live-conversations"),
            ("WriteThrottleEvents", "sessions"),
            ("ApproximateAgeOfOldestMessage", "session-ended.fifo"),
            ("ApproximateNumberOfMessagesVisible", "turn-failures"),
            ("ApproximateNumberOfMessagesVisible", "safety-spool.fifo"),
            ("crisis_frame_failed", "prod"),
            ("turn_failed", "prod"),
        ];
        let missing = wanted
            .iter()
            .filter(|(metric, thing)| !watched.contains(&(*metric, *thing)));
        findings.extend(missing.map(|what| found(plan, format_args!("no alarm on {what:?}"))));
    }
    Ok(findings)
}

/// Metrics with the things that they are watched of, without the prefix.
fn watched(plan: &Plan) -> BTreeSet<(&str, &str)> {
    let mut watched = BTreeSet::new();
    for alarm in plan.of("aws_cloudwatch_metric_alarm") {
        let queries = alarm.list("/metric_query").iter();
        let queries = queries.filter_map(|query| query.pointer("/metric/0"));
        for metric in queries.chain([&alarm.values]) {
            let name = metric
                .get("metric_name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let dimensions = metric.get("dimensions").and_then(Value::as_object);
            for thing in dimensions
                .into_iter()
                .flatten()
                .filter_map(|(_, value)| value.as_str())
            {
                let short = thing
                    .strip_prefix(PREFIX)
                    .map_or(thing, |rest| rest.trim_start_matches('-'));
                watched.insert((name, short));
            }
        }
    }
    watched
}

fn full(world: &World) -> anyhow::Result<Vec<String>> {
    let plan = world.plan(Profile::Seed)?;
    let watched = watched(plan);
    let mut wanted: Vec<(&str, String)> = Vec::new();
    for function in &world.functions {
        let metrics = ["Errors", "Throttles", "Duration"];
        wanted.extend(metrics.map(|metric| (metric, function.name.clone())));
    }
    for table in &world.tables {
        let metrics = [
            "ReadThrottleEvents",
            "WriteThrottleEvents",
            "SystemErrors",
            "ThrottledRequests",
        ];
        wanted.extend(metrics.map(|metric| (metric, table.name.clone())));
    }
    for queue in plan
        .of("aws_sqs_queue")
        .filter_map(|queue| queue.text("/name"))
    {
        let short = queue
            .strip_prefix(PREFIX)
            .unwrap_or(queue)
            .trim_start_matches('-');
        let of_failures =
            short.contains("dlq") || short.contains("failures") || short.contains("dead");
        let metric = if of_failures {
            "ApproximateNumberOfMessagesVisible"
        } else {
            "ApproximateAgeOfOldestMessage"
        };
        wanted.push((metric, short.to_owned()));
    }
    let missing = wanted
        .iter()
        .filter(|(metric, thing)| !watched.contains(&(*metric, thing.as_str())));
    Ok(missing
        .map(|what| found(plan, format_args!("no alarm on {what:?}")))
        .collect())
}

fn own(world: &World) -> anyhow::Result<Vec<String>> {
    let mut written = String::new();
    read_all(&root().join("crates/innerworld-lambda/src"), &mut written)?;
    let mut findings = BTreeSet::new();
    for plan in world.deployments() {
        for metric in alarms(plan).flat_map(|(_, metrics)| metrics) {
            if metric.namespace == OWN && !written.contains(&format!("\"{}\"", metric.name)) {
                findings.insert(format!("nobody writes {}", metric.name));
            }
        }
    }
    Ok(findings.into_iter().collect())
}

fn read_all(folder: &Path, text: &mut String) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_all(&path, text)?;
        } else {
            text.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(alarm: &Value) -> Vec<String> {
        metrics_of(alarm).iter().filter_map(Metric::wrong).collect()
    }

    #[test]
    fn throttled_requests_of_a_table_alone_are_found() {
        let mut alarm = json!({
            "namespace": "AWS/DynamoDB", "metric_name": "ThrottledRequests", "period": 300,
            "dimensions": {"TableName": "innerworld-prod-live-conversations"},
        });
        assert_eq!(
            wrong(&alarm),
            ["there is no AWS/DynamoDB ThrottledRequests by [\"TableName\"]"]
        );
        alarm["dimensions"]["Operation"] = json!("PutItem");
        assert!(wrong(&alarm).is_empty());
    }

    #[test]
    fn a_count_of_5xx_answers_of_a_websocket_api_is_found() {
        let alarm = json!({"metric_query": [
            {"expression": "errors / messages"},
            {"metric": [{"namespace": "AWS/ApiGateway", "metric_name": "5XXError", "period": 300,
                "dimensions": {"ApiId": "a", "Stage": "prod"}}]},
            {"metric": [{"namespace": "AWS/ApiGateway", "metric_name": "MessageCount", "period": 300,
                "dimensions": {"ApiId": "a", "Stage": "prod"}}]},
        ]});
        assert_eq!(
            wrong(&alarm),
            ["there is no AWS/ApiGateway 5XXError by [\"ApiId\", \"Stage\"]"]
        );
    }

    #[test]
    fn a_period_in_which_nothing_comes_is_found() {
        let alarm = json!({
            "namespace": "AWS/Neptune", "metric_name": "CPUUtilization", "period": 60,
            "dimensions": {"DBInstanceIdentifier": "innerworld-prod-neptune-1"},
        });
        assert_eq!(wrong(&alarm).len(), 1);
    }
}
