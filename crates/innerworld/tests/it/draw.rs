//! `graph draw`, from a saved export.

use innerworld_core::memory::{MemoryExport, ontology::NodeKind};
use innerworld_testkit::records::Records;
use serde_json::json;

use super::{innerworld, stderr, stdout};

#[test]
fn an_export_is_drawn_without_a_server() {
    let home = tempfile::tempdir().unwrap();
    let records = Records::named("draw");
    let (robin, mara) = (
        records.node(NodeKind::Teen, "Robin"),
        records.node(NodeKind::Person, "Mara"),
    );
    let export = json!({
        "format": "innerworld-export/1",
        "profile": {"time_zone": "America/Chicago", "name": "Robin"},
        "memory": MemoryExport {
            edges: vec![records.edge(robin.id, mara.id)],
            nodes: vec![robin, mara],
            ..MemoryExport::default()
        },
    });
    std::fs::write(home.path().join("export.json"), export.to_string()).unwrap();
    let draw = |out: &[&str]| {
        let mut command = innerworld(home.path());
        command
            .args(["graph", "draw", "--from", "export.json"])
            .args(out);
        command.output().unwrap()
    };
    let svg = stdout(&draw(&[]));
    assert!(
        svg.starts_with("<svg") && svg.ends_with("</svg>\n"),
        "{svg}"
    );
    assert!(svg.contains(">Mara</text>") && svg.contains(">Robin</text>"));

    let saved = draw(&["--out", "me.svg"]);
    assert!(
        stderr(&saved).contains("Drawn to me.svg"),
        "{}",
        stderr(&saved)
    );
    assert_eq!(
        std::fs::read_to_string(home.path().join("me.svg")).unwrap(),
        svg
    );
    assert!(
        !draw(&["--out", "me.svg"]).status.success(),
        "it is not overwritten"
    );
}

#[test]
fn what_is_no_export_is_refused_without_its_words() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("talk.txt"), "dear diary").unwrap();
    let output = innerworld(home.path())
        .args(["graph", "draw", "--from", "talk.txt"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(stderr(&output).contains("no export"));
    assert!(!stderr(&output).contains("diary"));
}
