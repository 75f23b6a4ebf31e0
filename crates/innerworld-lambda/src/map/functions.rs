//! The list.

use innerworld_aws::Table;

use super::{
    Function, Queue, Resource, Right, Trigger,
    variable::{
        ALLOWED_ORIGINS, APPLE_SECRET_ID, CHECKPOINT_MS, COGNITO_USER_POOL_CLIENT_ID,
        COGNITO_USER_POOL_ID, COUNTERS_TABLE, DEBUG, DELTA_FLUSH_MS, ENVIRONMENT, EVIDENCE_DAYS,
        GRAPH_BACKEND, GRAPH_DAYS, GRAPH_QUEUE_URL, GRAPH_READER_FUNCTION,
        LIVE_CONVERSATIONS_TABLE, MEMORY_MODE_MAX, MEMORY_TABLE, MODEL_FALLBACK, MODEL_PRIMARY,
        MODEL_SECRET_ID, NEPTUNE_ENDPOINT, NEPTUNE_IAM_AUTH, NEPTUNE_PORT, NEPTUNE_READER_ENDPOINT,
        PRIVACY_QUEUE_URL, SAFETY_SPOOL_URL, SESSION_CONTEXT_TABLE, SESSION_QUEUE_URL,
        SESSIONS_TABLE, TEEN_KEY_KMS_ID, TEEN_KEYS_TABLE, TEENS_TABLE, TURN_WORKER_FUNCTION,
        WEBSOCKET_CONNECTIONS_TABLE, WEBSOCKET_ENDPOINT,
    },
};

const GET: &str = "dynamodb:GetItem";
const PUT: &str = "dynamodb:PutItem";
const UPDATE: &str = "dynamodb:UpdateItem";
const DELETE: &str = "dynamodb:DeleteItem";
const QUERY: &str = "dynamodb:Query";
/// A condition on an item that a commit does not write.
const CHECK: &str = "dynamodb:ConditionCheckItem";
const BATCH_WRITE: &str = "dynamodb:BatchWriteItem";
const INVOKE: &str = "lambda:InvokeFunction";
const MANAGE: &str = "execute-api:ManageConnections";
const SEND: &str = "sqs:SendMessage";
const DESCRIBE: &str = "dynamodb:DescribeTable";
const DECRYPT: &str = "kms:Decrypt";
const GENERATE: &str = "kms:GenerateDataKey";
const READ_SECRET: &str = "secretsmanager:GetSecretValue";
const DESCRIBE_SECRET: &str = "secretsmanager:DescribeSecret";
const READ_GRAPH: &str = "neptune-db:ReadDataViaQuery";
const WRITE_GRAPH: &str = "neptune-db:WriteDataViaQuery";
const DELETE_FROM_GRAPH: &str = "neptune-db:DeleteDataViaQuery";
/// What the service needs to hand a queue's messages to a function.
const CONSUME: &[&str] = &[
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ChangeMessageVisibility",
];

/// Every function whose program is in this crate.
pub const FUNCTIONS: &[Function] = &[
    Function {
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
    },
    Function {
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
    },
    Function {
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
        ],
        rights: &[
            on(Table::LiveConversations, &[GET, QUERY, PUT, DESCRIBE]),
            on(Table::Connections, &[GET, UPDATE, DESCRIBE]),
            on(Table::SessionContext, &[GET, PUT, DESCRIBE]),
            // Events that a log has no room for are deleted as it grows.
            on(
                Table::Sessions,
                &[GET, QUERY, PUT, UPDATE, BATCH_WRITE, DESCRIBE],
            ),
            on(
                Table::Teens,
                &[GET, QUERY, PUT, UPDATE, DELETE, CHECK, DESCRIBE],
            ),
            on(Table::Memory, &[DESCRIBE]),
            on(Table::TeenKeys, &[GET, PUT, DESCRIBE]),
            on(Table::Counters, &[PUT, UPDATE, DESCRIBE]),
            teen_key(&[DECRYPT, GENERATE]),
            right(&[INVOKE], Resource::Function("turn-worker")),
            right(&[MANAGE], Resource::Connections),
            right(&[SEND], Resource::Queue(Queue::SafetySpool)),
            right(&[SEND], Resource::Queue(Queue::SessionEnded)),
        ],
    },
    Function {
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
            on(Table::Sessions, &[GET, QUERY, PUT, UPDATE, BATCH_WRITE]),
            on(Table::Teens, &[GET, QUERY, PUT, UPDATE, CHECK]),
            on(Table::Memory, &[GET, QUERY]),
            on(Table::TeenKeys, &[GET, PUT]),
            on(Table::Counters, &[PUT, UPDATE]),
            teen_key(&[DECRYPT, GENERATE]),
            right(&[READ_SECRET], Resource::ModelSecret),
            right(&[INVOKE], Resource::Function("turn-worker")),
            // Where graphs are kept in a database.
            right(&[INVOKE], Resource::Function("graph-reader")),
            right(&[MANAGE], Resource::Connections),
            right(&[SEND], Resource::Queue(Queue::SafetySpool)),
        ],
    },
    Function {
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
        // Whoever talked has a key, and the service's own keys were made by who let them in: none is
        // made here.
        rights: &[
            on(Table::LiveConversations, &[QUERY, BATCH_WRITE]),
            on(Table::Connections, &[GET]),
            on(Table::Sessions, &[GET, QUERY, PUT, UPDATE, BATCH_WRITE]),
            on(Table::Teens, &[GET, QUERY, PUT, UPDATE, DELETE, CHECK]),
            on(Table::Memory, &[GET, QUERY, PUT, DELETE, CHECK]),
            on(Table::TeenKeys, &[GET]),
            teen_key(&[DECRYPT]),
            right(&[READ_SECRET], Resource::ModelSecret),
            right(&[MANAGE], Resource::Connections),
            right(&[INVOKE], Resource::Function("graph-reader")),
            right(&[SEND], Resource::Queue(Queue::GraphWrites)),
            right(CONSUME, Resource::Queue(Queue::SessionEnded)),
        ],
    },
    Function {
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
            on(Table::TeenKeys, &[GET, PUT]),
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
    },
    Function {
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
    },
    Function {
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
        ],
    },
    Function {
        name: "graph-writer",
        trigger: Trigger::Queue(Queue::GraphWrites),
        in_vpc: true,
        timeout_s: 60,
        memory_mb: 512,
        environment: &[
            ENVIRONMENT,
            DEBUG,
            TEENS_TABLE,
            MEMORY_TABLE,
            NEPTUNE_ENDPOINT,
            NEPTUNE_READER_ENDPOINT,
            NEPTUNE_PORT,
            NEPTUNE_IAM_AUTH,
        ],
        // Of teens it reads the fence, and the number that stands for the teen in the graph.
        rights: &[
            right(
                &[READ_GRAPH, WRITE_GRAPH, DELETE_FROM_GRAPH],
                Resource::Graph,
            ),
            on(Table::Memory, &[QUERY, DELETE]),
            on(Table::Teens, &[GET]),
            right(CONSUME, Resource::Queue(Queue::GraphWrites)),
        ],
    },
    Function {
        name: "graph-reader",
        trigger: Trigger::Invoke,
        in_vpc: true,
        timeout_s: 30,
        memory_mb: 512,
        environment: &[
            ENVIRONMENT,
            DEBUG,
            TEENS_TABLE,
            SESSION_CONTEXT_TABLE,
            NEPTUNE_ENDPOINT,
            NEPTUNE_READER_ENDPOINT,
            NEPTUNE_PORT,
            NEPTUNE_IAM_AUTH,
        ],
        // A session's start is stored in one commit with a look at the teen's fence.
        rights: &[
            right(&[READ_GRAPH], Resource::Graph),
            on(Table::Teens, &[GET, CHECK]),
            on(Table::SessionContext, &[PUT]),
        ],
    },
    trigger("cognito-pre-sign-up", Trigger::PreSignUp),
    Function {
        environment: &[
            ENVIRONMENT,
            DEBUG,
            TEENS_TABLE,
            TEEN_KEYS_TABLE,
            TEEN_KEY_KMS_ID,
        ],
        // A key is made in one commit with a look at the teen's fence.
        rights: &[
            on(Table::Teens, &[GET, CHECK]),
            on(Table::TeenKeys, &[GET, PUT]),
            teen_key(&[DECRYPT, GENERATE]),
        ],
        ..trigger("cognito-post-confirmation", Trigger::PostConfirmation)
    },
    trigger("cognito-custom-message", Trigger::CustomMessage),
];

/// A trigger of the user pool, which waits five seconds.
const fn trigger(name: &'static str, trigger: Trigger) -> Function {
    Function {
        name,
        trigger,
        in_vpc: false,
        timeout_s: 5,
        memory_mb: 128,
        environment: &[ENVIRONMENT, DEBUG],
        rights: &[],
    }
}

const fn on(table: Table, actions: &'static [&'static str]) -> Right {
    right(actions, Resource::Table(table))
}

const fn teen_key(actions: &'static [&'static str]) -> Right {
    right(actions, Resource::TeenKey)
}

const fn right(actions: &'static [&'static str], resource: Resource) -> Right {
    Right { actions, resource }
}
