//! What functions are told.

use innerworld_lambda::{
    environment::{
        Account, Authorizer, Connect, Conversation, CustomMessage, Disconnect, Environment,
        GraphReader, GraphWriter, Health, PostConfirmation, PreSignUp, Turn, Variables, read,
    },
    map::Function,
};

use crate::world::{environment_of, read_all};

/// Exactly the variables of the map are needed: without any of them it does not start.
fn needs_what_the_map_says<E: Environment>() {
    let function = Function::named(E::FUNCTION).unwrap();
    let all = environment_of(function);
    assert!(read::<E>(all.clone()).is_ok(), "{}", E::FUNCTION);
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
    for name in function.environment {
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
    needs_what_the_map_says::<Disconnect>();
    needs_what_the_map_says::<Health>();
    needs_what_the_map_says::<GraphWriter>();
    needs_what_the_map_says::<GraphReader>();
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
