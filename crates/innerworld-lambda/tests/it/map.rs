//! The function map.

use innerworld_aws::{KeyKind, TABLES};
use innerworld_lambda::{FUNCTIONS, map};
use serde_json::json;

#[test]
fn the_map_as_json() {
    insta::assert_snapshot!(map::to_json().unwrap());
}

/// What Terraform's tests compare the tables of a plan with.
#[test]
fn the_tables_as_json() {
    let key = |(name, kind): (&str, KeyKind)| match kind {
        KeyKind::Text => [name.to_owned(), "S".to_owned()],
        KeyKind::Number => [name.to_owned(), "N".to_owned()],
    };
    let tables: Vec<_> = TABLES
        .iter()
        .map(|schema| {
            let indexes = schema.indexes.iter().map(|index| {
                json!({
                    "name": index.name,
                    "partition": key(index.partition),
                    "sort": key(index.sort),
                    "also": index.also,
                })
            });
            json!({
                "name": schema.suffix,
                "partition": schema.partition,
                "sort": schema.sort.map(key),
                "indexes": indexes.collect::<Vec<_>>(),
                "expires": schema.expires,
            })
        })
        .collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json!({"tables": tables})).unwrap());
}

#[test]
fn names_variables_and_rights_stand_once_and_are_narrow() {
    let mut names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FUNCTIONS.len());
    for function in FUNCTIONS {
        let mut variables = function.environment.to_vec();
        variables.sort_unstable();
        variables.dedup();
        assert_eq!(
            variables.len(),
            function.environment.len(),
            "{}",
            function.name
        );
        // Lambda sets it, and refuses a deployment that does.
        assert!(!variables.contains(&"AWS_REGION"));
        assert!(function.timeout_s <= 900 && function.memory_mb >= 128);
        for right in function.rights {
            for action in right.actions {
                let (service, verb) = action.split_once(':').unwrap();
                assert!(!service.is_empty() && !verb.is_empty() && !action.contains('*'));
                // There is no such action: its parts are needed.
                assert_ne!(verb, "TransactWriteItems");
            }
        }
    }
}

/// Every program of this crate is a function of the map, and the other way round.
#[test]
fn programs_and_functions_are_the_same() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let mut programs: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    programs.sort_unstable();
    let mut names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
    names.sort_unstable();
    assert_eq!(programs, names);
}
