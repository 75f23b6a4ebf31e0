//! The frames of every place, language, variant and level.

use innerworld_core::{
    ids::EventId,
    safety::{
        Level,
        content::{Area, Content, Files, MAX_READING_AGE, reading_age},
        frames::{FrameBook, MAX_FRAME_BYTES, Shape},
        rules::Variant,
    },
};
use jiff::civil::{Date, date};
use serde_json::Value;

use super::life::shipped;

const TODAY: Date = date(2026, 11, 26);
const PLACES: &[(&str, Option<&str>)] = &[
    ("US", None),
    ("US", Some("CA")),
    ("US", Some("NY")),
    ("CA", None),
    ("GB", None),
    ("ES", None),
    ("*", None),
    ("ZZ", None),
];

fn shapes() -> Vec<Shape> {
    let variants = Variant::ALL
        .into_iter()
        .filter(|variant| *variant != Variant::General);
    let levels = [Level::Concern, Level::Risk, Level::Danger];
    let each = variants.flat_map(|variant| {
        levels.into_iter().flat_map(move |level| {
            [
                Shape::Crisis(variant, level),
                Shape::Ask(variant, level),
                Shape::Follow(variant, level),
            ]
        })
    });
    each.chain([Shape::Soft, Shape::Unknown]).collect()
}

/// Every frame: what it is, its language, its JSON text.
fn each_frame(content: &Content, mut look: impl FnMut(Shape, &str, &str)) {
    let book = FrameBook::build(content, TODAY);
    for (country, region) in PLACES {
        for language in ["en", "es"] {
            for shape in shapes() {
                let area = Area {
                    country,
                    region: *region,
                };
                let event = EventId::from_bytes([9; 16]);
                look(
                    shape,
                    language,
                    &book.frame(area, language, shape, event).json,
                );
            }
        }
    }
}

#[test]
fn every_frame_is_small_and_whole() {
    each_frame(&shipped(), |shape, language, json| {
        assert!(json.len() < MAX_FRAME_BYTES, "{shape:?} {language}");
        let frame: Value = serde_json::from_str(json).unwrap();
        assert_eq!(frame["seq"], 0);
        assert_eq!(frame["event"], EventId::from_bytes([9; 16]).to_string());
        assert_eq!(frame["ai_generated"], false);
        let resources = frame["resources"].as_array().unwrap();
        assert!((1..=8).contains(&resources.len()), "{shape:?} {language}");
        assert!(!frame["emergency_hint"]["text"].as_str().unwrap().is_empty());
        let soft = matches!(shape, Shape::Soft | Shape::Unknown);
        assert_eq!(frame["intensity"] == "soft", soft);
        let choices = frame["choices"].as_array().unwrap();
        assert!(choices.contains(&Value::from("not_safe")));
    });
    assert!(FrameBook::build(&shipped(), TODAY).largest() < MAX_FRAME_BYTES);
}

#[test]
fn every_text_is_short_and_can_be_read_at_twelve() {
    let mut oldest = (0.0, String::new());
    each_frame(&shipped(), |shape, language, json| {
        let frame: Value = serde_json::from_str(json).unwrap();
        let text = frame["text"].as_str().unwrap();
        let words = text.split_whitespace().count();
        assert!(words <= 60, "{shape:?} {language}: {words} words");
        assert!(!text.contains(['{', '}']), "{shape:?} {language}");
        let age = reading_age(text, language);
        if age > oldest.0 {
            oldest = (age, format!("{shape:?} {language}"));
        }
    });
    assert!(oldest.0 <= MAX_READING_AGE, "{oldest:?}");
}

#[test]
fn hard_words_are_noticed() {
    let easy = "You can call or text 988 at any hour. I believe you.";
    let hard = "Professional psychological consultation opportunities are immediately available \
        notwithstanding any previously experienced communication difficulties.";
    assert!(reading_age(easy, "en") < 10.0);
    assert!(reading_age(hard, "en") > 18.0);
    let facil = "Te creo. Puedes llamar al 988 a toda hora.";
    let dificil = "Inmediatamente proporcionaremos acompañamiento psicoterapéutico especializado \
        independientemente de cualesquiera circunstancias previamente experimentadas.";
    assert!(reading_age(facil, "es") < 10.0);
    assert!(reading_age(dificil, "es") > 14.0);
    let name = "texts/en.toml";
    let text = Files::shipped().text(name).unwrap().replacen(
        "I'm really glad you said this, and I believe you.",
        hard,
        1,
    );
    let bad = Content::load(&Files::shipped().with(name, text)).unwrap_err();
    assert!(
        bad.to_string()
            .contains("crisis.self_harm.risk reads as for people of"),
        "{bad}"
    );
}

#[test]
fn a_list_whose_frames_would_be_too_large_is_refused() {
    let name = "resources.json";
    let long = format!("https://988lifeline.org/{}", "x".repeat(9_000));
    let text = Files::shipped()
        .text(name)
        .unwrap()
        .replacen("https://988lifeline.org/", &long, 1);
    let bad = Content::load(&Files::shipped().with(name, text)).unwrap_err();
    assert!(
        bad.to_string()
            .contains("resources.json: a frame with these entries has"),
        "{bad}"
    );
}

#[test]
fn no_clinical_word_crosses_the_wire() {
    let names = innerworld_core::safety::Category::ALL.map(innerworld_core::safety::Category::name);
    each_frame(&shipped(), |shape, language, json| {
        let mut frame: Value = serde_json::from_str(json).unwrap();
        // What an organisation calls itself is its own.
        frame["resources"].take();
        let rest = frame.to_string();
        for name in names {
            assert!(
                !rest.contains(&format!("\"{name}\"")),
                "{shape:?} {language}: {name}"
            );
        }
    });
}
