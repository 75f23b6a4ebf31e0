//! The function that touches all of a teen.

use innerworld_aws::Table;

use super::{
    CHECK, CONSUME, DECRYPT, DELETE, GENERATE, GET, INVOKE, MANAGE, PUT, QUERY, SEND, UPDATE, on,
    right, teen_key,
};
use crate::map::{
    Function, Queue, Resource, Trigger,
    variable::{
        APPLE_SECRET_ID, COGNITO_USER_POOL_ID, DEBUG, ENVIRONMENT, EXPORT_BUCKET, GRAPH_BACKEND,
        GRAPH_DAYS, GRAPH_QUEUE_URL, GRAPH_READER_FUNCTION, LIVE_CONVERSATIONS_TABLE, MEMORY_TABLE,
        PRIVACY_QUEUE_URL, SESSION_CONTEXT_TABLE, SESSION_QUEUE_URL, SESSIONS_TABLE,
        TEEN_KEY_KMS_ID, TEEN_KEYS_TABLE, TEENS_TABLE, WEBSOCKET_CONNECTIONS_TABLE,
        WEBSOCKET_ENDPOINT,
    },
};

/// It erases and exports.
pub(super) const WORKER: Function = Function {
    name: "privacy-worker",
    trigger: Trigger::Queue(Queue::PrivacyJobs),
    in_vpc: false,
    timeout_s: 300,
    memory_mb: 1024,
    environment: &[
        ENVIRONMENT,
        DEBUG,
        LIVE_CONVERSATIONS_TABLE,
        WEBSOCKET_CONNECTIONS_TABLE,
        SESSION_CONTEXT_TABLE,
        SESSIONS_TABLE,
        TEENS_TABLE,
        MEMORY_TABLE,
        TEEN_KEYS_TABLE,
        TEEN_KEY_KMS_ID,
        GRAPH_BACKEND,
        GRAPH_QUEUE_URL,
        GRAPH_READER_FUNCTION,
        GRAPH_DAYS,
        SESSION_QUEUE_URL,
        PRIVACY_QUEUE_URL,
        WEBSOCKET_ENDPOINT,
        EXPORT_BUCKET,
        COGNITO_USER_POOL_ID,
        APPLE_SECRET_ID,
    ],
    // A row is read as it is deleted. An account that came from another provider is deleted by its
    // name, which the pool is asked for. A grant that is to be taken back is sealed under a key of the
    // service, made at first use.
    rights: &[
        on(Table::LiveConversations, &[QUERY, DELETE]),
        right(&[QUERY], Resource::UserIndex(Table::LiveConversations)),
        on(Table::Connections, &[GET, DELETE]),
        right(&[QUERY], Resource::UserIndex(Table::Connections)),
        on(Table::SessionContext, &[QUERY, DELETE]),
        on(Table::Sessions, &[GET, QUERY, UPDATE, DELETE]),
        on(Table::Teens, &[GET, QUERY, PUT, UPDATE, DELETE, CHECK]),
        on(Table::Memory, &[GET, QUERY, PUT, DELETE]),
        on(Table::TeenKeys, &[GET, PUT, UPDATE, DELETE]),
        teen_key(&[DECRYPT, GENERATE]),
        right(
            &["cognito-idp:AdminDeleteUser", "cognito-idp:ListUsers"],
            Resource::UserPool,
        ),
        right(&["secretsmanager:GetSecretValue"], Resource::AppleSecret),
        right(&["s3:PutObject", "s3:DeleteObject"], Resource::Exports),
        right(&[MANAGE], Resource::Connections),
        right(&[INVOKE], Resource::Function("graph-reader")),
        right(&[SEND], Resource::Queue(Queue::SessionEnded)),
        right(&[SEND], Resource::Queue(Queue::GraphWrites)),
        right(&[SEND], Resource::Queue(Queue::PrivacyJobs)),
        right(CONSUME, Resource::Queue(Queue::PrivacyJobs)),
    ],
};
