//! The list.

mod after;
mod door;
mod graph;
mod person;
mod pool;
mod rights;
mod talk;

use super::Function;

/// Every function whose program is in this crate.
pub const FUNCTIONS: &[Function] = &[
    door::AUTHORIZER,
    door::CONNECT_HANDLER,
    talk::CONVERSATION_HANDLER,
    talk::TURN_WORKER,
    after::SESSION_PROCESSOR,
    after::SESSION_SWEEPER,
    door::DISCONNECT_HANDLER,
    person::ACCOUNT_API,
    door::HEALTH_CHECK,
    graph::GRAPH_WRITER,
    graph::GRAPH_READER,
    person::PRIVACY_WORKER,
    pool::COGNITO_PRE_SIGN_UP,
    pool::COGNITO_POST_CONFIRMATION,
    pool::COGNITO_CUSTOM_MESSAGE,
];
