//! Functions of what follows a talk.

use innerworld_aws::Table;

use super::rights::{
    BATCH_WRITE, CHECK, CONSUME, DECRYPT, DELETE, GENERATE, GET, INVOKE, MANAGE, PUT, QUERY,
    READ_SECRET, SEND, UPDATE, on, right, teen_key,
};
use crate::map::{
    Function, Queue, Resource, Trigger,
    variable::{
        COUNTERS_TABLE, DEBUG, ENVIRONMENT, EVIDENCE_DAYS, GRAPH_BACKEND, GRAPH_DAYS,
        GRAPH_QUEUE_URL, GRAPH_READER_FUNCTION, LIVE_CONVERSATIONS_TABLE, MEMORY_MODE_MAX,
        MEMORY_TABLE, MODEL_FALLBACK, MODEL_PRIMARY, MODEL_SECRET_ID, PRIVACY_QUEUE_URL,
        SAFETY_SPOOL_URL, SESSION_CONTEXT_TABLE, SESSION_QUEUE_URL, SESSIONS_TABLE,
        TEEN_KEY_KMS_ID, TEEN_KEYS_TABLE, TEENS_TABLE, TURN_WORKER_FUNCTION,
        WEBSOCKET_CONNECTIONS_TABLE, WEBSOCKET_ENDPOINT,
    },
};

/// `session-processor`.
pub(super) const SESSION_PROCESSOR: Function = Function {
    name: "session-processor",
    trigger: Trigger::Queue(Queue::SessionEnded),
    in_vpc: false,
    timeout_s: 300,
    memory_mb: 1_024,
    // The graph's function and queue are needed where graphs are kept in a database.
    environment: &[
        ENVIRONMENT,
        DEBUG,
        LIVE_CONVERSATIONS_TABLE,
        WEBSOCKET_CONNECTIONS_TABLE,
        SESSIONS_TABLE,
        TEENS_TABLE,
        MEMORY_TABLE,
        TEEN_KEYS_TABLE,
        TEEN_KEY_KMS_ID,
        WEBSOCKET_ENDPOINT,
        GRAPH_BACKEND,
        GRAPH_READER_FUNCTION,
        GRAPH_QUEUE_URL,
        GRAPH_DAYS,
        EVIDENCE_DAYS,
        MEMORY_MODE_MAX,
        MODEL_SECRET_ID,
        MODEL_PRIMARY,
        MODEL_FALLBACK,
    ],
    // The service's own keys are read by an update that makes what is not there.
    rights: &[
        on(Table::LiveConversations, &[QUERY, BATCH_WRITE]),
        on(Table::Connections, &[GET]),
        on(Table::Sessions, &[GET, QUERY, PUT, UPDATE, BATCH_WRITE]),
        on(Table::Teens, &[GET, QUERY, PUT, UPDATE, DELETE, CHECK]),
        on(Table::Memory, &[GET, QUERY, PUT, DELETE, CHECK]),
        on(Table::TeenKeys, &[GET, PUT, UPDATE]),
        teen_key(&[DECRYPT, GENERATE]),
        right(&[READ_SECRET], Resource::ModelSecret),
        right(&[MANAGE], Resource::Connections),
        right(&[INVOKE], Resource::Function("graph-reader")),
        right(&[SEND], Resource::Queue(Queue::GraphWrites)),
        right(CONSUME, Resource::Queue(Queue::SessionEnded)),
    ],
};

/// `session-sweeper`.
pub(super) const SESSION_SWEEPER: Function = Function {
    name: "session-sweeper",
    trigger: Trigger::Schedule,
    in_vpc: false,
    timeout_s: 55,
    memory_mb: 256,
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
        SESSION_QUEUE_URL,
        PRIVACY_QUEUE_URL,
        GRAPH_QUEUE_URL,
        GRAPH_READER_FUNCTION,
        GRAPH_BACKEND,
        GRAPH_DAYS,
    ],
    // It ends turns and sessions, and deletes what expired of them. In a new deployment it runs
    // before all others: then it makes the service's keys. Retention with a graph elsewhere reads
    // that through its function.
    rights: &[
        right(&[QUERY], Resource::SweepIndex(Table::Sessions)),
        right(&[QUERY], Resource::SweepIndex(Table::Teens)),
        on(
            Table::Sessions,
            &[GET, QUERY, PUT, UPDATE, DELETE, BATCH_WRITE],
        ),
        on(Table::LiveConversations, &[PUT, BATCH_WRITE]),
        on(Table::Connections, &[GET]),
        on(Table::SessionContext, &[GET, PUT]),
        on(Table::Teens, &[GET, QUERY, PUT, UPDATE, DELETE, CHECK]),
        on(Table::Memory, &[GET, QUERY, PUT, DELETE, CHECK]),
        on(Table::TeenKeys, &[GET, PUT, UPDATE]),
        on(Table::Counters, &[PUT, UPDATE]),
        teen_key(&[DECRYPT, GENERATE]),
        right(&[INVOKE], Resource::Function("turn-worker")),
        right(&[INVOKE], Resource::Function("graph-reader")),
        right(&[MANAGE], Resource::Connections),
        right(&[SEND], Resource::Queue(Queue::SessionEnded)),
        right(&[SEND], Resource::Queue(Queue::PrivacyJobs)),
        right(&[SEND], Resource::Queue(Queue::GraphWrites)),
        right(&[SEND], Resource::Queue(Queue::SafetySpool)),
        right(CONSUME, Resource::Queue(Queue::SafetySpool)),
    ],
};
