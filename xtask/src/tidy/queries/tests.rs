use super::*;

/// Each of these puts a text into a query.
const PLANTED: &[&str] = &[
    r#"let sql = format!("SELECT sealed FROM journal WHERE id = '{id}'");"#,
    r#"let sql = format!("{base} WHERE name = '{name}'");"#,
    r#"sql.push_str("DELETE FROM journal WHERE id = ");"#,
    r#"let mut sql = String::from("SELECT 1 FROM turn");"#,
    r#"let sql = "SELECT 1 FROM turn WHERE id = ".to_owned() + &id;"#,
    r#"let sql = base + " ORDER BY name";  let two = base + " FROM turn WHERE a = ";"#,
    r#"write!(sql, "INSERT INTO journal VALUES ({id})")?;"#,
    "write!(&mut sql, r#\"UPDATE journal SET text = {text}\"#)?;",
    r#"let sql = "SELECT * FROM TABLE_NAME".replace("TABLE_NAME", &name);"#,
    "connection.execute_batch(&format!(\"PRAGMA {name} = {value}\"))?;",
    "connection.prepare(&sql)?;",
    "connection.prepare_cached(\n    &statement,\n)?;",
    "connection.prepare(sql.as_str())?;",
    "connection.execute(&format!(\n    \"DROP TABLE {name}\"\n), [])?;",
];

/// And none of these does.
const GOOD: &[&str] = &[
    r#"connection.prepare_cached("SELECT sealed FROM journal WHERE id = ?1")?.query([id])?;"#,
    r#"const ALL: &str = concat!("SELECT 1 FROM turn WHERE ", "id = ?1 AND teen = ?2");"#,
    r#"connection.prepare_cached(sessions_where!("teen = ?1 AND expires > ?2"))?;"#,
    r#"for statement in ["DELETE FROM turn WHERE teen = ?1"] { connection.prepare(statement)?; }"#,
    r#"// format!("SELECT 1 FROM turn WHERE id = {id}")"#,
    r#"let told = format!("choose a name FROM the list");"#,
    r#"let told = format!("SELECT");"#,
    r#"let told = format!("read and written; {waiting} writes waiting");"#,
    "fn f<'a>(x: &'a str) -> char { '\"' } /* format!(\"DROP TABLE x\") */",
];

#[test]
fn t08_a_query_that_is_put_together_is_found() {
    for planted in PLANTED {
        let found = [pasted(planted), made(planted)].concat();
        assert!(!found.is_empty(), "{planted}");
    }
}

#[test]
fn t08_whole_statements_and_other_texts_are_let_through() {
    for good in GOOD {
        assert_eq!([pasted(good), made(good)].concat(), [], "{good}");
    }
}

#[test]
fn t08_it_is_found_where_it_stands() {
    let text = format!("fn f() {{\n    // the beginning\n    {}\n}}\n", PLANTED[0]);
    let found = pasted(&text);
    assert_eq!(found.first().map(|(line, _)| *line), Some(3));
}

#[test]
fn sources_of_crates_are_read_and_their_tests_are_not() {
    for (file, shipped) in [
        ("crates/innerworld-embedded/src/journal_store.rs", true),
        (
            "crates/innerworld-embedded/src/sqlite/database/tests.rs",
            false,
        ),
        ("crates/innerworld-embedded/tests/it/injection.rs", false),
        ("crates/innerworld-testkit/src/weakened.rs", false),
        ("README.md", false),
    ] {
        assert_eq!(is_shipped(Path::new(file)), shipped, "{file}");
    }
}
