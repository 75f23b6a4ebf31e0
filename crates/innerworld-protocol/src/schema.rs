//! JSON schema of the frames, as published under `docs/reference/`.

use crate::{client::ClientFrame, server::ServerFrame};

/// One JSON document with the schema of both directions.
pub fn document() -> serde_json::Value {
    serde_json::json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "InnerWorld wire protocol",
        "protocol": crate::VERSION,
        "subprotocol": crate::SUBPROTOCOL,
        "client_frame": schemars::schema_for!(ClientFrame),
        "server_frame": schemars::schema_for!(ServerFrame),
    })
}
