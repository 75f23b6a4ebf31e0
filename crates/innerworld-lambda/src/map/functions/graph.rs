//! Functions inside of the graph's network.

use innerworld_aws::Table;

use super::rights::{
    CHECK, CONSUME, DELETE, DELETE_FROM_GRAPH, GET, PUT, QUERY, READ_GRAPH, WRITE_GRAPH, on, right,
};
use crate::map::{
    Function, Queue, Resource, Trigger,
    variable::{
        DEBUG, ENVIRONMENT, MEMORY_TABLE, NEPTUNE_ENDPOINT, NEPTUNE_IAM_AUTH, NEPTUNE_PORT,
        NEPTUNE_READER_ENDPOINT, SESSION_CONTEXT_TABLE, TEENS_TABLE,
    },
};

/// `graph-writer`.
pub(super) const GRAPH_WRITER: Function = Function {
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
};

/// `graph-reader`.
pub(super) const GRAPH_READER: Function = Function {
    name: "graph-reader",
    trigger: Trigger::Invoke,
    in_vpc: true,
    timeout_s: 30,
    memory_mb: 512,
    environment: &[
        ENVIRONMENT,
        DEBUG,
        TEENS_TABLE,
        MEMORY_TABLE,
        SESSION_CONTEXT_TABLE,
        NEPTUNE_ENDPOINT,
        NEPTUNE_READER_ENDPOINT,
        NEPTUNE_PORT,
        NEPTUNE_IAM_AUTH,
    ],
    // A session's start is what the graph has and what waits for it, of one generation; it is stored in one
    // commit with a look at the teen's fence.
    rights: &[
        right(&[READ_GRAPH], Resource::Graph),
        on(Table::Teens, &[GET, CHECK]),
        on(Table::Memory, &[GET, QUERY]),
        on(Table::SessionContext, &[PUT]),
    ],
};
