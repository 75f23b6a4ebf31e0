//! Functions that open and close connections, and the one that says how the deployment is.

use innerworld_aws::Table;

use super::rights::{
    DECRYPT, DELETE, DESCRIBE, DESCRIBE_SECRET, GET, INVOKE, PUT, QUERY, UPDATE, on, right,
    teen_key,
};
use crate::map::{
    Function, Resource, Trigger,
    variable::{
        ALLOWED_ORIGINS, APPLE_SECRET_ID, COGNITO_USER_POOL_CLIENT_ID, COGNITO_USER_POOL_ID,
        COUNTERS_TABLE, DEBUG, ENVIRONMENT, GRAPH_BACKEND, GRAPH_READER_FUNCTION,
        LIVE_CONVERSATIONS_TABLE, MEMORY_TABLE, MODEL_SECRET_ID, SESSION_CONTEXT_TABLE,
        SESSIONS_TABLE, TEEN_KEY_KMS_ID, TEEN_KEYS_TABLE, TEENS_TABLE, WEBSOCKET_CONNECTIONS_TABLE,
    },
};

/// `authorizer`.
pub(super) const AUTHORIZER: Function = Function {
    name: "authorizer",
    trigger: Trigger::ConnectAuthorizer,
    in_vpc: false,
    timeout_s: 5,
    memory_mb: 256,
    environment: &[
        ENVIRONMENT,
        DEBUG,
        COGNITO_USER_POOL_ID,
        COGNITO_USER_POOL_CLIENT_ID,
        TEENS_TABLE,
        TEEN_KEYS_TABLE,
        TEEN_KEY_KMS_ID,
    ],
    // Profile and consents are sealed: whoever reads them unwraps the teen's key. Consents are
    // many items, hence the query; a ticket is deleted as it is taken.
    rights: &[
        on(Table::Teens, &[GET, QUERY, DELETE]),
        on(Table::TeenKeys, &[GET]),
        teen_key(&[DECRYPT]),
    ],
};

/// `connect-handler`.
pub(super) const CONNECT_HANDLER: Function = Function {
    name: "connect-handler",
    trigger: Trigger::Connect,
    in_vpc: false,
    timeout_s: 10,
    memory_mb: 256,
    environment: &[
        ENVIRONMENT,
        DEBUG,
        WEBSOCKET_CONNECTIONS_TABLE,
        ALLOWED_ORIGINS,
    ],
    rights: &[on(Table::Connections, &[PUT])],
};

/// `disconnect-handler`.
pub(super) const DISCONNECT_HANDLER: Function = Function {
    name: "disconnect-handler",
    trigger: Trigger::Disconnect,
    in_vpc: false,
    timeout_s: 10,
    memory_mb: 256,
    environment: &[
        ENVIRONMENT,
        DEBUG,
        WEBSOCKET_CONNECTIONS_TABLE,
        SESSIONS_TABLE,
    ],
    // The row is read as it is deleted, which asks for one right only.
    rights: &[
        on(Table::Connections, &[DELETE]),
        on(Table::Sessions, &[UPDATE]),
    ],
};

/// `health-check`.
pub(super) const HEALTH_CHECK: Function = Function {
    name: "health-check",
    trigger: Trigger::HealthRoute,
    in_vpc: false,
    timeout_s: 10,
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
        MODEL_SECRET_ID,
        APPLE_SECRET_ID,
        GRAPH_BACKEND,
        GRAPH_READER_FUNCTION,
    ],
    rights: &[
        on(Table::LiveConversations, &[DESCRIBE]),
        on(Table::Connections, &[DESCRIBE]),
        on(Table::SessionContext, &[DESCRIBE]),
        on(Table::Sessions, &[DESCRIBE]),
        on(Table::Teens, &[DESCRIBE]),
        on(Table::Memory, &[DESCRIBE]),
        on(Table::TeenKeys, &[DESCRIBE]),
        on(Table::Counters, &[DESCRIBE]),
        right(&[DESCRIBE_SECRET], Resource::ModelSecret),
        right(&[DESCRIBE_SECRET], Resource::AppleSecret),
        // Where graphs are kept in a database.
        right(&[INVOKE], Resource::Function("graph-reader")),
    ],
};
