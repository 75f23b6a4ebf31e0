//! Names that stay here when a model is asked. Everybody in this file is invented.

use std::{fmt::Write as _, fs, path::Path};

use innerworld_core::model::veil::PrivateNames as _;
use serde_json::Value;

use crate::rules::EXTRACTOR;

/// `text` with what was found as `<kind>`.
fn covered(text: &str) -> String {
    let mut covered = String::new();
    let mut copied = 0;
    for name in EXTRACTOR.find(text) {
        write!(
            covered,
            "{}<{}>",
            text.get(copied..name.start).unwrap(),
            name.kind.label()
        )
        .unwrap();
        copied = name.end;
    }
    covered.push_str(text.get(copied..).unwrap());
    covered
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(covered(text), expected, "{text}");
}

#[test]
fn surnames_behind_first_names_are_found() {
    check("I met Maya Torres today", "I met Maya <surname> today");
    check("Maya Torres's dog", "Maya <surname>'s dog");
    check(
        "maya torres is my best friend",
        "maya <surname> is my best friend",
    );
    check(
        "Maya R. Torres and Jake Okafor",
        "Maya R. <surname> and Jake <surname>",
    );
    check("my friend Ana De La Cruz", "my friend Ana <surname>");
    check("ana de la cruz texted me", "ana <surname> texted me");
    check("Emma Garcia Lopez won", "Emma <surname> won");
    check("Zoe Smith-Jones", "Zoe <surname>");
    check("Liam O'Brien called", "Liam <surname> called");
    check("my last name is Torres", "my last name is <surname>");
    check("MAYA TORRES IS HERE", "MAYA <surname> IS HERE");
    check("Ma\u{200b}ya Tor\u{200b}res", "Ma\u{200b}ya <surname>");
    check(
        "\u{ff2d}\u{ff41}\u{ff59}\u{ff41} \u{ff34}orres",
        "\u{ff2d}\u{ff41}\u{ff59}\u{ff41} <surname>",
    );
    check("Maya  Torres", "Maya  <surname>");
}

#[test]
fn names_of_schools_are_found_and_their_kind_stays() {
    check(
        "I go to Lincoln High School",
        "I go to <school> High School",
    );
    check("i go to lincoln high", "i go to <school> high");
    check(
        "tryouts at Oak Park Middle School",
        "tryouts at <school> Middle School",
    );
    check("at oak park middle school", "at <school> middle school");
    check("she left St. Mary's Academy", "she left <school> Academy");
    check(
        "Roosevelt Elementary was fun",
        "<school> Elementary was fun",
    );
    check(
        "my school is called Northgate",
        "my school is called <school>",
    );
    check("the Willowbrook School choir", "the <school> School choir");
}

#[test]
fn names_of_streets_are_found() {
    check("we live on Maple Street", "we live on <street>");
    check("i live on maple street", "i live on <street>");
    check("the corner of Birch Hollow Lane", "the corner of <street>");
    check("our house on old mill road", "our house on <street>");
}

#[test]
fn first_names_cities_and_kinds_of_school_stay() {
    for text in [
        "maya and jake came over",
        "Maya loves Boise and her new high school",
        "my high school is boring, middle school was better",
        "i start high school in august",
        "High school starts in Boise",
        "my best friend maya moved to austin texas",
        "coach dan and ms. lee",
        "jake got a dog, emma sang, mia may come",
        "Taylor Swift is my favourite",
        "Sunday School was long",
        "we drove down the street, across the road",
        "on main street there was a parade",
        "my hard drive broke and the test drive was fun",
        "when Maya Called me I cried".to_lowercase().as_str(),
        "MAYA CAME OVER TODAY",
        "Jake And I went home",
        "we went to summer school in July",
        "i got to level high score",
        "hit me up on the way to court",
    ] {
        check(text, text);
    }
}

/// What is covered in our own annotated talk: nobody there has a surname but in a few lines.
#[test]
fn ordinary_talk_is_left_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/extraction");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    let mut out = String::new();
    for file in files {
        let session: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        for line in session["lines"].as_array().unwrap() {
            let text = line["text"].as_str().unwrap();
            let covered = covered(text);
            if covered != text {
                writeln!(out, "{covered}").unwrap();
            }
        }
    }
    insta::assert_snapshot!("covered_talk", out);
}
