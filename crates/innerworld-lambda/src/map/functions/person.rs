//! Functions for what a teen asks of their account.

use innerworld_aws::Table;

use super::rights::{
    CHECK, CONSUME, DECRYPT, DELETE, GENERATE, GET, INVOKE, LIST_USERS, MANAGE, PUT, QUERY,
    READ_SECRET, SEND, SIGN_OUT, UPDATE, on, right, teen_key,
};
use crate::map::{
    Function, Queue, Resource, Trigger,
    variable::{
        ALLOWED_ORIGINS, APPLE_CLIENT_IDS, APPLE_SECRET_ID, COGNITO_USER_POOL_CLIENT_ID,
        COGNITO_USER_POOL_ID, DEBUG, ENVIRONMENT, EXPORT_BUCKET, GRAPH_BACKEND, GRAPH_DAYS,
        GRAPH_QUEUE_URL, GRAPH_READER_FUNCTION, LIVE_CONVERSATIONS_TABLE, MEMORY_MODE_MAX,
        MEMORY_TABLE, MODEL_PRIMARY, PRIVACY_QUEUE_URL, SESSION_CONTEXT_TABLE, SESSION_QUEUE_URL,
        SESSIONS_TABLE, TEEN_KEY_KMS_ID, TEEN_KEYS_TABLE, TEENS_TABLE, WEBSOCKET_CONNECTIONS_TABLE,
        WEBSOCKET_ENDPOINT,
    },
};

/// `account-api`.
pub(super) const ACCOUNT_API: Function = Function {
    name: "account-api",
    trigger: Trigger::AccountRoutes,
    in_vpc: false,
    timeout_s: 29,
    memory_mb: 512,
    environment: &[
        ENVIRONMENT,
        DEBUG,
        COGNITO_USER_POOL_ID,
        COGNITO_USER_POOL_CLIENT_ID,
        WEBSOCKET_CONNECTIONS_TABLE,
        SESSIONS_TABLE,
        TEENS_TABLE,
        MEMORY_TABLE,
        TEEN_KEYS_TABLE,
        TEEN_KEY_KMS_ID,
        WEBSOCKET_ENDPOINT,
        ALLOWED_ORIGINS,
        PRIVACY_QUEUE_URL,
        EXPORT_BUCKET,
        APPLE_CLIENT_IDS,
        MODEL_PRIMARY,
        GRAPH_BACKEND,
        GRAPH_READER_FUNCTION,
        GRAPH_QUEUE_URL,
        GRAPH_DAYS,
        MEMORY_MODE_MAX,
    ],
    // A sign-out closes sockets and tells sessions that nobody listens; an erase fences the open
    // session and destroys the key before it answers.
    rights: &[
        on(Table::Teens, &[GET, QUERY, PUT, UPDATE, DELETE, CHECK]),
        on(Table::Memory, &[GET, QUERY, PUT, DELETE, CHECK]),
        on(Table::Sessions, &[GET, QUERY, UPDATE]),
        on(Table::Connections, &[GET, DELETE]),
        right(&[QUERY], Resource::UserIndex(Table::Connections)),
        // Messages of Apple that were acted upon are named under a key of the service, made at first use.
        on(Table::TeenKeys, &[GET, PUT, UPDATE, DELETE]),
        teen_key(&[DECRYPT, GENERATE]),
        // Somebody who came from another provider is found by the subject.
        right(&[SIGN_OUT, LIST_USERS], Resource::UserPool),
        right(&[SEND], Resource::Queue(Queue::PrivacyJobs)),
        // Without the second S3 answers "denied" for an object that is not there.
        right(&["s3:GetObject"], Resource::Exports),
        right(&["s3:ListBucket"], Resource::ExportBucket),
        right(&[INVOKE], Resource::Function("graph-reader")),
        right(&[SEND], Resource::Queue(Queue::GraphWrites)),
        right(&[MANAGE], Resource::Connections),
    ],
};

/// `privacy-worker`.
pub(super) const PRIVACY_WORKER: Function = Function {
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
        right(&[READ_SECRET], Resource::AppleSecret),
        right(&["s3:PutObject", "s3:DeleteObject"], Resource::Exports),
        right(&[MANAGE], Resource::Connections),
        right(&[INVOKE], Resource::Function("graph-reader")),
        right(&[SEND], Resource::Queue(Queue::SessionEnded)),
        right(&[SEND], Resource::Queue(Queue::GraphWrites)),
        right(&[SEND], Resource::Queue(Queue::PrivacyJobs)),
        right(CONSUME, Resource::Queue(Queue::PrivacyJobs)),
    ],
};
