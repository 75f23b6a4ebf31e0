//! Safety files of an operator: served with their hash, read anew on SIGHUP, and never half.

use std::fs;

use super::{
    guest::http,
    innerworld,
    serving::{Home, Serving},
    stderr,
};

const PROTOCOL: &str = include_str!("../../../innerworld-core/safety/protocol.toml");

async fn published(server: &Serving) -> String {
    let url = format!("{}/v1/safety/protocol", server.url("http_url"));
    let answer = http().get(url).send().await.unwrap();
    let page: serde_json::Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    page["protocol_version"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn changed_files_are_in_force_after_a_signal_and_broken_ones_never() {
    let home = Home::new("[safety]\ndir = \"safety\"\n");
    let folder = home.path().join("safety");
    fs::create_dir(&folder).unwrap();
    let protocol = folder.join("protocol.toml");
    fs::write(&protocol, PROTOCOL).unwrap();
    let server = home.start();
    let first = published(&server).await;

    fs::write(&protocol, format!("{PROTOCOL}\n# Another word.\n")).unwrap();
    server.hang_up();
    server.says("the safety files were read anew").await;
    let second = published(&server).await;
    assert_ne!(first, second);

    fs::write(&protocol, "title = 1").unwrap();
    server.hang_up();
    server.says("those of before stay in force").await;
    assert_eq!(published(&server).await, second);
    let metrics = http()
        .get(format!("{}/metrics", server.url("admin_url")))
        .bearer_auth(
            fs::read_to_string(home.data().join("admin.token"))
                .unwrap()
                .trim(),
        )
        .send()
        .await
        .unwrap();
    let metrics = String::from_utf8(metrics.bytes().await.unwrap().to_vec()).unwrap();
    assert!(
        metrics.contains("safety_reload_failures_total 1"),
        "{metrics}"
    );
    drop(server);

    // A start is refused where a running server would go on.
    let refused = home.refused();
    assert!(
        stderr(&refused).contains("protocol.toml"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn classify_and_eval_read_messages_and_name_lines_that_are_none() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("set.jsonl");
    let run = |arguments: &[&str], text: &str| {
        fs::write(&file, text).unwrap();
        innerworld(home.path())
            .arg("safety")
            .args(arguments)
            .arg("set.jsonl")
            .output()
            .unwrap()
    };
    let output = run(
        &["classify"],
        "{\"text\":\"i want to kill myself\",\"id\":7}\n\n{\"text\":\"we had pizza\"}\n",
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let lines: Vec<serde_json::Value> = super::stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["verdict"], "trigger");
    assert_eq!(lines[0]["category"], "ideation");
    assert_eq!(lines[0]["tier"], "phrase");
    assert_eq!(lines[0]["id"], 7);
    assert_eq!(lines[1]["verdict"], "pass");
    assert!(lines[1]["category"].is_null() && lines[1]["tier"].is_null());
    for score in [&lines[0]["score"], &lines[1]["score"]] {
        assert!((0.0..=1.0).contains(&score.as_f64().unwrap()));
    }
    for (text, said) in [
        ("{\"text\":\"hi\"}\nno json\n", "line 2 of set.jsonl"),
        ("{\"words\":\"hi\"}\n", "the object has no `text`"),
        ("[1]\n", "a JSON object is expected"),
    ] {
        let output = run(&["classify"], text);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
    let set = "{\"text\":\"i want to kill myself\",\"label\":\"risk\",\"category\":\"ideation\"}\n{\"text\":\"we had pizza\",\"label\":\"benign\"}\n";
    let output = run(&["eval", "--format", "json", "--set"], set);
    assert!(output.status.success(), "{}", stderr(&output));
    let figures: serde_json::Value = serde_json::from_str(&super::stdout(&output)).unwrap();
    assert_eq!(figures["labels"]["risk"]["trigger"]["count"], 1);
    assert_eq!(figures["labels"]["benign"]["either"]["count"], 0);
    assert_eq!(figures["categories"]["ideation"]["either"]["of"], 1);
    let output = run(&["eval", "--set"], set);
    assert!(
        super::stdout(&output).contains("| risk | 1 | 100.0 %"),
        "{}",
        super::stdout(&output)
    );
    let output = run(
        &["eval", "--set"],
        "{\"text\":\"hi\",\"label\":\"maybe\"}\n",
    );
    assert!(stderr(&output).contains("line 1"), "{}", stderr(&output));
    let blind = innerworld(home.path())
        .args(["safety", "eval", "--blind"])
        .output()
        .unwrap();
    assert!(
        stderr(&blind).contains("checkout of the source"),
        "{}",
        stderr(&blind)
    );
}

#[test]
fn a_classified_line_keeps_its_order() {
    let home = tempfile::tempdir().unwrap();
    let line = r#"{"verdict":"?","text":"we had pizza","id":7,"about":null}"#;
    fs::write(home.path().join("set.jsonl"), line).unwrap();
    let output = innerworld(home.path())
        .args(["safety", "classify", "set.jsonl"])
        .output()
        .unwrap();
    let line = super::stdout(&output);
    // What is said of it comes behind its own fields.
    let own =
        r#"{"text":"we had pizza","id":7,"about":null,"verdict":"pass","category":null,"score":"#;
    assert!(
        line.starts_with(own) && line.ends_with(",\"tier\":null}\n"),
        "{line}"
    );
}

/// Weights of an operator whose byte changed are refused by name, by whatever reads the configuration;
/// what a changed text says is in force, and shows in the published hash.
#[tokio::test]
async fn t17_a_changed_byte_of_an_operators_file_is_refused_or_shows() {
    const SCORER: &[u8] = include_bytes!("../../../innerworld-language/assets/safety.iwa");
    let home = Home::new("[safety]\ndir = \"safety\"\n");
    let folder = home.path().join("safety");
    fs::create_dir(&folder).unwrap();
    for place in [SCORER.len() / 2, SCORER.len() - 1] {
        let mut changed = SCORER.to_vec();
        changed[place] ^= 1;
        fs::write(folder.join("safety.iwa"), changed).unwrap();
        let checked = home.verb("check-config").output().unwrap();
        assert_eq!(checked.status.code(), Some(1));
        for refused in [checked, home.refused()] {
            let said = stderr(&refused);
            assert!(said.contains("the asset safety was changed"), "{said}");
        }
    }
    fs::write(folder.join("safety.iwa"), SCORER).unwrap();
    let server = home.start();
    let whole = published(&server).await;
    drop(server);
    for changed in [
        PROTOCOL.replacen(' ', "  ", 1),
        PROTOCOL.replacen('\n', "\n\n", 1),
    ] {
        fs::write(folder.join("protocol.toml"), changed).unwrap();
        let server = home.start();
        assert_ne!(published(&server).await, whole);
    }
}
