//! What functions are told.

use innerworld_core::identity::consent::MemoryMode;
use innerworld_lambda::{
    environment::{
        Account, Authorizer, Connect, Conversation, CustomMessage, Disconnect, Environment,
        GraphAccess, GraphBackend, GraphReader, GraphWriter, Health, PostConfirmation, PreSignUp,
        Privacy, SessionProcessor, Sweeper, Turn, Variables, read,
    },
    map::Function,
};

use crate::world::{environment_of, read_all};

/// Exactly the variables of the map are needed: without any of them it does not start.
fn needs_what_the_map_says<E: Environment>() {
    let function = Function::named(E::FUNCTION).unwrap();
    let mut all = environment_of(function);
    assert!(read::<E>(all.clone()).is_ok(), "{}", E::FUNCTION);
    // With a graph database, which needs the most.
    for (name, value) in &mut all {
        if name == "GRAPH_BACKEND" {
            "neptune".clone_into(value);
        }
    }
    for name in function.environment {
        for empty in [false, true] {
            let mut some = all.clone();
            some.retain(|(known, _)| known != name);
            if empty {
                some.push(((*name).to_owned(), String::new()));
            }
            let error = read::<E>(some).err().unwrap().to_string();
            let how = if empty { "is empty" } else { "is missing" };
            assert_eq!(
                error,
                format!("set these environment variables: {name} {how}")
            );
        }
    }
    let nothing = read::<E>([]).err().unwrap().to_string();
    // What a graph database needs is asked for where there is one.
    let of_database = ["GRAPH_READER_FUNCTION", "GRAPH_QUEUE_URL"];
    let always = function.environment.iter();
    for name in always.filter(|name| !of_database.contains(name)) {
        assert!(nothing.contains(name), "{nothing}");
    }
}

#[test]
fn every_function_needs_what_the_map_says() {
    needs_what_the_map_says::<Account>();
    needs_what_the_map_says::<Authorizer>();
    needs_what_the_map_says::<Connect>();
    needs_what_the_map_says::<Conversation>();
    needs_what_the_map_says::<Turn>();
    needs_what_the_map_says::<Sweeper>();
    needs_what_the_map_says::<Disconnect>();
    needs_what_the_map_says::<SessionProcessor>();
    needs_what_the_map_says::<Health>();
    needs_what_the_map_says::<GraphWriter>();
    needs_what_the_map_says::<GraphReader>();
    needs_what_the_map_says::<Privacy>();
    needs_what_the_map_says::<PreSignUp>();
    needs_what_the_map_says::<PostConfirmation>();
    needs_what_the_map_says::<CustomMessage>();
}

#[test]
fn wrong_values_are_named_and_not_shown() {
    let with = |name: &str, value: &str| {
        let mut all = environment_of(Function::named("authorizer").unwrap());
        all.retain(|(known, _)| known != name);
        all.push((name.to_owned(), value.to_owned()));
        read::<Authorizer>(all).err().map(|error| error.to_string())
    };
    for (name, value) in [
        ("DEBUG", "secret-value"),
        ("COGNITO_USER_POOL_ID", "secret-value"),
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "secret-value"),
    ] {
        let error = with(name, value).expect("refused");
        assert!(error.contains(name) && !error.contains("secret"), "{error}");
    }
    assert_eq!(with("ANOTHER", "is none of ours"), None);
}

#[test]
fn the_graph_is_reached_by_a_host_a_port_and_signed_requests() {
    let with = |name: &str, value: &str| {
        let mut all = environment_of(Function::named("graph-writer").unwrap());
        all.retain(|(known, _)| known != name);
        all.push((name.to_owned(), value.to_owned()));
        read::<GraphWriter>(all)
    };
    for (name, value) in [
        ("NEPTUNE_PORT", "many"),
        ("NEPTUNE_IAM_AUTH", "false"),
        ("NEPTUNE_ENDPOINT", "db.example:many"),
        ("NEPTUNE_READER_ENDPOINT", ":1"),
    ] {
        let error = with(name, value).unwrap_err().to_string();
        assert!(error.contains(name) && !error.contains("many"), "{error}");
    }
    let cluster = with("NEPTUNE_CA_FILE", "/etc/graph.pem").unwrap().cluster;
    assert_eq!((cluster.writer.port, cluster.readers.port), (1, 2));
    assert_eq!(cluster.ca_file.unwrap().to_str(), Some("/etc/graph.pem"));
}

#[test]
fn secrets_of_the_process_are_not_printed() {
    let variables = Variables::new([("AWS_SECRET_ACCESS_KEY".into(), "secret-value".into())]);
    assert!(!format!("{variables:?}").contains("secret-value"));
}

#[test]
fn origins_are_a_list_and_none_is_an_empty_one() {
    let read_all: Connect = read_all();
    let wanted = ["https://app.example.org", "https://desk.example.org"];
    assert_eq!(read_all.allowed_origins, wanted);
    let mut all = environment_of(Function::named("connect-handler").unwrap());
    all.retain(|(known, _)| known != "ALLOWED_ORIGINS");
    all.push(("ALLOWED_ORIGINS".into(), "none".into()));
    assert!(read::<Connect>(all).unwrap().allowed_origins.is_empty());
}

/// The environment of `session-processor` with these values.
fn processor(values: &[(&str, &str)]) -> Result<SessionProcessor, String> {
    let mut all = environment_of(Function::named("session-processor").unwrap());
    all.retain(|(known, _)| !values.iter().any(|(name, _)| name == known));
    let values = values.iter().filter(|(_, value)| !value.is_empty());
    all.extend(values.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    read(all).map_err(|error| error.to_string())
}

#[test]
fn a_graph_database_is_named_with_who_reads_it_and_what_waits_for_it() {
    let nothing = [("GRAPH_READER_FUNCTION", ""), ("GRAPH_QUEUE_URL", "")];
    assert_eq!(processor(&nothing).unwrap().graph, GraphBackend::Tables);
    let database = processor(&[("GRAPH_BACKEND", "neptune")]).unwrap().graph;
    let access = GraphAccess {
        reader: "graph-reader".to_owned(),
        queue: Some("http://127.0.0.1:1/queue/graph-writes.fifo".to_owned()),
    };
    assert_eq!(database, GraphBackend::Database(access));
    for name in ["GRAPH_READER_FUNCTION", "GRAPH_QUEUE_URL"] {
        let error = processor(&[("GRAPH_BACKEND", "neptune"), (name, "")]).unwrap_err();
        assert!(error.ends_with(&format!("{name} is missing")), "{error}");
    }
}

#[test]
fn what_is_remembered_has_bounds() {
    let read = processor(&[("GRAPH_DAYS", "365"), ("EVIDENCE_DAYS", "1")]).unwrap();
    assert_eq!((read.graph_days, read.evidence_days), (365, 1));
    for (name, mode) in [
        ("off", MemoryMode::Off),
        ("facts_only", MemoryMode::FactsOnly),
        ("full", MemoryMode::Full),
    ] {
        let read = processor(&[("MEMORY_MODE_MAX", name)]).unwrap();
        assert_eq!(read.memory_mode_max, mode);
    }
    for (name, value) in [
        ("GRAPH_BACKEND", "secret-value"),
        ("GRAPH_DAYS", "0"),
        ("GRAPH_DAYS", "366"),
        ("EVIDENCE_DAYS", "-1"),
        ("EVIDENCE_DAYS", "secret-value"),
        ("MEMORY_MODE_MAX", "Full"),
    ] {
        let error = processor(&[(name, value)]).unwrap_err();
        assert!(error.contains(name), "{error}");
        assert!(
            error.contains("must be") && !error.contains("secret"),
            "{error}"
        );
    }
}
