//! A small description of HTTP operations, from which the OpenAPI 3.1 file is made.
//!
//! Each route module exports a list of [`Operation`]s beside its router.

use innerworld_protocol::codes::ErrorCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Makes the schema of a body.
pub type BodySchema = fn(&mut SchemaGenerator) -> Schema;

/// One method of one path.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Lower case: `get`.
    pub method: &'static str,
    /// As axum writes it: `/v1/sessions/{id}`.
    pub path: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Whether an access token is needed.
    pub secured: bool,
    /// Names of query parameters.
    pub query: &'static [&'static str],
    /// The request's body.
    pub request: Option<BodySchema>,
    /// Status and body of success.
    pub response: (u16, Option<BodySchema>),
    /// Codes of its errors, beyond those every operation may give.
    pub codes: &'static [ErrorCode],
}

/// The schema function of a body type.
pub fn body<T: JsonSchema>() -> Option<BodySchema> {
    Some(SchemaGenerator::subschema_for::<T>)
}

/// An operation that needs a token, takes no body and answers 200 without one.
pub fn operation(method: &'static str, path: &'static str, summary: &'static str) -> Operation {
    Operation {
        method,
        path,
        summary,
        secured: true,
        query: &[],
        request: None,
        response: (200, None),
        codes: &[ErrorCode::TokenExpired, ErrorCode::TokenInvalid],
    }
}

/// The OpenAPI 3.1 document of these operations.
pub fn document(operations: &[Operation]) -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let described = describe(operation, &mut generator);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(operation.method.to_owned(), described);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "InnerWorld", "version": "1", "license": {
            "name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {"bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut described = json!({"summary": operation.summary, "responses": {}});
    let mut set = |key: &str, value: Value| {
        if let Some(fields) = described.as_object_mut() {
            fields.insert(key.to_owned(), value);
        }
    };
    let (status, response) = operation.response;
    let mut success = json!({"description": "success"});
    if let (Some(schema), Some(fields)) = (response, success.as_object_mut()) {
        fields.insert("content".to_owned(), content(schema, generator));
    }
    let codes: Vec<&str> = operation.codes.iter().map(|code| code.as_str()).collect();
    let mut responses = Map::new();
    responses.insert(status.to_string(), success);
    responses.insert(
        "default".to_owned(),
        json!({
        "description": "{\"error\":{code, message, request_id}}", "x-codes": codes}),
    );
    set("responses", Value::Object(responses));
    if let Some(schema) = operation.request {
        set(
            "requestBody",
            json!({"required": true, "content": content(schema, generator)}),
        );
    }
    if operation.secured {
        set("security", json!([{"bearer": []}]));
    }
    let in_path = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| parameter(name, "path"));
    let in_query = operation.query.iter().map(|name| parameter(name, "query"));
    let changes = operation.secured && operation.method != "get";
    let in_header = changes.then(|| parameter("Idempotency-Key", "header"));
    let parameters: Vec<Value> = in_path.chain(in_query).chain(in_header).collect();
    if !parameters.is_empty() {
        set("parameters", Value::Array(parameters));
    }
    described
}

fn parameter(name: &str, place: &str) -> Value {
    json!({"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}})
}

fn content(schema: BodySchema, generator: &mut SchemaGenerator) -> Value {
    json!({"application/json": {"schema": schema(generator)}})
}
