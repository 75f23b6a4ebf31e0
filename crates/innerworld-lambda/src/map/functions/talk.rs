//! Functions of a talk.

use innerworld_aws::Table;

use super::rights::{
    BATCH_WRITE, CHECK, DECRYPT, DELETE, DESCRIBE_SECRET, GENERATE, GET, INVOKE, MANAGE, PUT,
    QUERY, READ_SECRET, SEND, UPDATE, on, right, teen_key,
};
use crate::map::{
    Function, Queue, Resource, Trigger,
    variable::{
        ACCEPT_UNREVIEWED_PROTOCOL, APPLE_SECRET_ID, CHECKPOINT_MS, COGNITO_USER_POOL_CLIENT_ID,
        COGNITO_USER_POOL_ID, COUNTERS_TABLE, DEBUG, DELTA_FLUSH_MS, ENVIRONMENT, GRAPH_BACKEND,
        GRAPH_DAYS, GRAPH_READER_FUNCTION, LIVE_CONVERSATIONS_TABLE, MEMORY_MODE_MAX, MEMORY_TABLE,
        MODEL_FALLBACK, MODEL_PRIMARY, MODEL_SECRET_ID, SAFETY_SPOOL_URL, SESSION_CONTEXT_TABLE,
        SESSION_QUEUE_URL, SESSIONS_TABLE, TEEN_KEY_KMS_ID, TEEN_KEYS_TABLE, TEENS_TABLE,
        TURN_WORKER_FUNCTION, WEBSOCKET_CONNECTIONS_TABLE, WEBSOCKET_ENDPOINT,
    },
};

/// `conversation-handler`.
pub(super) const CONVERSATION_HANDLER: Function = Function {
    name: "conversation-handler",
    trigger: Trigger::Default,
    in_vpc: false,
    timeout_s: 10,
    memory_mb: 512,
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
        COUNTERS_TABLE,
        TEEN_KEY_KMS_ID,
        SAFETY_SPOOL_URL,
        WEBSOCKET_ENDPOINT,
        TURN_WORKER_FUNCTION,
        COGNITO_USER_POOL_ID,
        COGNITO_USER_POOL_CLIENT_ID,
        SESSION_QUEUE_URL,
        MEMORY_MODE_MAX,
        ACCEPT_UNREVIEWED_PROTOCOL,
        MODEL_SECRET_ID,
        APPLE_SECRET_ID,
        GRAPH_BACKEND,
        GRAPH_READER_FUNCTION,
    ],
    rights: &[
        on(Table::LiveConversations, &[GET, QUERY, PUT]),
        on(Table::Connections, &[GET, UPDATE]),
        on(Table::SessionContext, &[GET, PUT]),
        // Events that a log has no room for are deleted as it grows.
        on(Table::Sessions, &[GET, QUERY, PUT, UPDATE, BATCH_WRITE]),
        on(Table::Teens, &[GET, QUERY, PUT, UPDATE, DELETE, CHECK]),
        on(Table::Memory, &[GET]),
        on(Table::TeenKeys, &[GET, PUT, UPDATE]),
        on(Table::Counters, &[GET, PUT, UPDATE]),
        teen_key(&[DECRYPT, GENERATE]),
        right(&[DESCRIBE_SECRET], Resource::ModelSecret),
        right(&[DESCRIBE_SECRET], Resource::AppleSecret),
        right(&[INVOKE], Resource::Function("turn-worker")),
        // Where graphs are kept in a database.
        right(&[INVOKE], Resource::Function("graph-reader")),
        right(&[MANAGE], Resource::Connections),
        right(&[SEND], Resource::Queue(Queue::SafetySpool)),
        right(&[SEND], Resource::Queue(Queue::SessionEnded)),
    ],
};

/// `turn-worker`.
pub(super) const TURN_WORKER: Function = Function {
    name: "turn-worker",
    trigger: Trigger::Invoke,
    in_vpc: false,
    timeout_s: 120,
    memory_mb: 512,
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
        COUNTERS_TABLE,
        TEEN_KEY_KMS_ID,
        SAFETY_SPOOL_URL,
        WEBSOCKET_ENDPOINT,
        TURN_WORKER_FUNCTION,
        DELTA_FLUSH_MS,
        CHECKPOINT_MS,
        MODEL_SECRET_ID,
        MODEL_PRIMARY,
        MODEL_FALLBACK,
        GRAPH_BACKEND,
        GRAPH_READER_FUNCTION,
        GRAPH_DAYS,
        MEMORY_MODE_MAX,
    ],
    rights: &[
        on(Table::LiveConversations, &[PUT]),
        // The graph as it was when the session began.
        on(Table::SessionContext, &[QUERY]),
        on(Table::Sessions, &[GET, QUERY, PUT, UPDATE, BATCH_WRITE]),
        on(Table::Teens, &[GET, QUERY, PUT, UPDATE, CHECK]),
        on(Table::Memory, &[GET, QUERY]),
        on(Table::TeenKeys, &[GET, PUT, UPDATE]),
        on(Table::Counters, &[PUT, UPDATE]),
        teen_key(&[DECRYPT, GENERATE]),
        right(&[READ_SECRET], Resource::ModelSecret),
        right(&[INVOKE], Resource::Function("turn-worker")),
        // Where graphs are kept in a database.
        right(&[INVOKE], Resource::Function("graph-reader")),
        right(&[MANAGE], Resource::Connections),
        right(&[SEND], Resource::Queue(Queue::SafetySpool)),
    ],
};
