//! Calls of the AWS CLI that the pages make, with the flags that they take, as its reference has them.

use super::Known;

/// A flag, and the type of what it names; empty if it names nothing of ours.
type Flag = (&'static str, &'static str);

const FUNCTION: Flag = ("--function-name", "aws_lambda_function");
const TABLE: Flag = ("--table-name", "aws_dynamodb_table");
const SECRET: Flag = ("--secret-id", "aws_secretsmanager_secret");
const CLUSTER: Flag = ("--db-cluster-identifier", "aws_neptune_cluster");
const ALARM: Flag = ("--alarm-name", "aws_cloudwatch_metric_alarm");

const fn plain(name: &'static str) -> Flag {
    (name, "")
}

/// Service, operation, the type of what is named without a flag, and flags.
const CALLS: &[(&str, &str, &str, &[Flag])] = &[
    ("sts", "get-caller-identity", "", &[]),
    ("lambda", "get-account-settings", "", &[]),
    ("lambda", "invoke", "", &[FUNCTION]),
    (
        "secretsmanager",
        "update-secret",
        "",
        &[SECRET, plain("--secret-string")],
    ),
    ("secretsmanager", "list-secrets", "", &[plain("--query")]),
    ("secretsmanager", "restore-secret", "", &[SECRET]),
    (
        "secretsmanager",
        "delete-secret",
        "",
        &[SECRET, plain("--force-delete-without-recovery")],
    ),
    ("neptune", "describe-db-clusters", "", &[CLUSTER]),
    (
        "neptune",
        "delete-db-cluster-snapshot",
        "",
        &[("--db-cluster-snapshot-identifier", "aws_neptune_cluster")],
    ),
    ("dynamodb", "describe-table", "", &[TABLE]),
    (
        "dynamodb",
        "update-table",
        "",
        &[TABLE, plain("--no-deletion-protection-enabled")],
    ),
    (
        "logs",
        "tail",
        "aws_cloudwatch_log_group",
        &[plain("--follow"), plain("--since")],
    ),
    (
        "cloudwatch",
        "describe-alarms",
        "",
        &[plain("--alarm-name-prefix"), plain("--state-value")],
    ),
    (
        "cloudwatch",
        "set-alarm-state",
        "",
        &[ALARM, plain("--state-value"), plain("--state-reason")],
    ),
    (
        "cloudwatch",
        "get-metric-statistics",
        "",
        &[
            plain("--namespace"),
            plain("--metric-name"),
            plain("--dimensions"),
            plain("--start-time"),
            plain("--end-time"),
            plain("--period"),
            plain("--statistics"),
        ],
    ),
    (
        "apigatewayv2",
        "get-authorizer",
        "",
        &[plain("--api-id"), plain("--authorizer-id")],
    ),
    ("cognito-idp", "get-user", "", &[plain("--access-token")]),
    (
        "cognito-idp",
        "update-user-pool",
        "",
        &[plain("--user-pool-id"), plain("--deletion-protection")],
    ),
    (
        "ec2",
        "describe-security-groups",
        "",
        &[plain("--group-ids")],
    ),
    ("s3", "rm", "", &[plain("--recursive")]),
    ("kms", "cancel-key-deletion", "", &[plain("--key-id")]),
    ("kms", "enable-key", "", &[plain("--key-id")]),
];

/// What is wrong with `aws` and these words.
pub(super) fn of_words(known: &Known<'_>, words: &[String]) -> Vec<String> {
    let [service, operation, rest @ ..] = words else {
        return vec!["names no operation".to_owned()];
    };
    let mut calls = CALLS.iter();
    let call = calls.find(|call| call.0 == service && call.1 == operation);
    let Some((_, _, subject, flags)) = call else {
        return vec![format!("{service} {operation} is not on the list of calls")];
    };
    let mut findings = Vec::new();
    let mut before: Option<&Flag> = None;
    for (number, word) in rest.iter().enumerate() {
        if word.starts_with("--") {
            before = flags.iter().find(|flag| flag.0 == word);
            if before.is_none() {
                findings.push(format!("{service} {operation} takes no {word}"));
            }
            continue;
        }
        let kind = match before.take() {
            Some(flag) => flag.1,
            None if number == 0 => *subject,
            None => "",
        };
        findings.extend(of_kind(known, word, kind));
    }
    if is_blind(rest) {
        findings.push("this metric is kept by table and Operation together".to_owned());
    }
    findings
}

/// What a word that should name a thing of a type names instead. Outputs of other commands are not known.
fn of_kind(known: &Known<'_>, word: &str, kind: &str) -> Option<String> {
    let is_said = kind.is_empty() || word.contains('$') || word.starts_with('<');
    let there = known
        .names
        .get(word)
        .is_some_and(|kinds| kinds.contains(kind));
    (!is_said && !there).then(|| format!("{word} names no {kind}"))
}

/// Whether DynamoDB is asked for a metric by a table alone that it does not keep so.
fn is_blind(words: &[String]) -> bool {
    let has = |text: &str| words.iter().any(|word| word.contains(text));
    (has("ThrottledRequests") || has("SystemErrors")) && !has("Name=Operation")
}
