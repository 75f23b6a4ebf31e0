//! Actions, and what they are allowed on.

use innerworld_aws::Table;

use crate::map::{Resource, Right};

/// The action `dynamodb:GetItem`.
pub(super) const GET: &str = "dynamodb:GetItem";
/// The action `dynamodb:PutItem`.
pub(super) const PUT: &str = "dynamodb:PutItem";
/// The action `dynamodb:UpdateItem`.
pub(super) const UPDATE: &str = "dynamodb:UpdateItem";
/// The action `dynamodb:DeleteItem`.
pub(super) const DELETE: &str = "dynamodb:DeleteItem";
/// The action `dynamodb:Query`.
pub(super) const QUERY: &str = "dynamodb:Query";
/// A condition on an item that a commit does not write.
pub(super) const CHECK: &str = "dynamodb:ConditionCheckItem";
/// The action `dynamodb:BatchWriteItem`.
pub(super) const BATCH_WRITE: &str = "dynamodb:BatchWriteItem";
/// The action `lambda:InvokeFunction`.
pub(super) const INVOKE: &str = "lambda:InvokeFunction";
/// The action `execute-api:ManageConnections`.
pub(super) const MANAGE: &str = "execute-api:ManageConnections";
/// The action `sqs:SendMessage`.
pub(super) const SEND: &str = "sqs:SendMessage";
/// The action `dynamodb:DescribeTable`.
pub(super) const DESCRIBE: &str = "dynamodb:DescribeTable";
/// The action `kms:Decrypt`.
pub(super) const DECRYPT: &str = "kms:Decrypt";
/// The action `kms:GenerateDataKey`.
pub(super) const GENERATE: &str = "kms:GenerateDataKey";
/// The action `secretsmanager:GetSecretValue`.
pub(super) const READ_SECRET: &str = "secretsmanager:GetSecretValue";
/// The action `secretsmanager:DescribeSecret`.
pub(super) const DESCRIBE_SECRET: &str = "secretsmanager:DescribeSecret";
/// The action `cognito-idp:AdminUserGlobalSignOut`.
pub(super) const SIGN_OUT: &str = "cognito-idp:AdminUserGlobalSignOut";
/// The action `cognito-idp:ListUsers`.
pub(super) const LIST_USERS: &str = "cognito-idp:ListUsers";
/// The action `neptune-db:ReadDataViaQuery`.
pub(super) const READ_GRAPH: &str = "neptune-db:ReadDataViaQuery";
/// The action `neptune-db:WriteDataViaQuery`.
pub(super) const WRITE_GRAPH: &str = "neptune-db:WriteDataViaQuery";
/// The action `neptune-db:DeleteDataViaQuery`.
pub(super) const DELETE_FROM_GRAPH: &str = "neptune-db:DeleteDataViaQuery";
/// What the service needs to hand a queue's messages to a function.
pub(super) const CONSUME: &[&str] = &[
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
];

/// Actions on a table.
pub(super) const fn on(table: Table, actions: &'static [&'static str]) -> Right {
    right(actions, Resource::Table(table))
}

/// Actions on the key that wraps the teens' keys.
pub(super) const fn teen_key(actions: &'static [&'static str]) -> Right {
    right(actions, Resource::TeenKey)
}

/// Actions on a resource.
pub(super) const fn right(actions: &'static [&'static str], resource: Resource) -> Right {
    Right { actions, resource }
}
