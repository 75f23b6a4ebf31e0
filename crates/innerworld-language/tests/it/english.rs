//! What counts as another language, and what is still found in it.

use std::{fs, path::Path};

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        ontology::NodeKind,
        store::{EntityExtractor as _, Line, Speaker},
    },
};
use innerworld_language::english::{Talk, is_english};
use serde_json::Value;

use crate::rules::EXTRACTOR;

/// English as teens write it, hard for a detector.
const SLANG: [&str; 24] = [
    "lmaooo no way bestie",
    "ngl lowkey kinda sus",
    "idk fr fr no cap",
    "omg slayyy",
    "hiiii wyd",
    "bruh",
    "yasss queen",
    "gg ez",
    "ok ok ok",
    "nah ur good",
    "deadass?",
    "istg im gonna cry",
    "tbh same",
    "mid af",
    "smh",
    "wsg",
    "ily sm",
    "rizz god",
    "skibidi ohio",
    "maya jake zoe liv",
    "mario kart w dan n leo",
    "taco casa mañana lol",
    "baby shark doo doo doo",
    "la la la la land",
];

const OTHERS: [&str; 16] = [
    "hoy tuve un examen muy difícil de matemáticas y creo que no lo aprobé",
    "mi hermana está enfadada conmigo porque perdí su chaqueta favorita",
    "no quiero ir a la escuela mañana porque estoy muy cansado",
    "ayer jugué al fútbol con mis amigos en el parque hasta la noche",
    "ich habe heute eine schlechte Note in Mathe bekommen und bin traurig",
    "meine beste Freundin zieht nächsten Monat in eine andere Stadt",
    "wir haben gestern das Spiel verloren aber es hat trotzdem Spaß gemacht",
    "ich möchte später gerne Tierärztin werden und anderen helfen",
    "j'ai passé toute la journée à réviser pour mon contrôle d'histoire",
    "ma mère ne comprend pas pourquoi je suis fâchée contre elle",
    "demain nous partons en vacances chez mes grands-parents à la mer",
    "je voudrais apprendre à jouer de la guitare cette année",
    "nag-away kami ng kapatid ko kanina dahil sa cellphone niya",
    "gusto kong maging doktor balang araw para matulungan ang pamilya ko",
    "hindi ako nakapag-aral kagabi kaya kinakabahan ako sa pagsusulit",
    "masaya ako ngayon kasi nanalo ang koponan namin sa basketbol",
];

/// The teen's lines of every conversation in `tests/`, a talk each.
fn talks() -> Vec<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/extraction");
    let mut talks: Vec<Vec<String>> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let session: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            let lines = session.get("lines").unwrap().as_array().unwrap().iter();
            let text =
                |line: &Value, key| line.get(key).and_then(Value::as_str).unwrap().to_owned();
            lines
                .filter(|line| text(line, "speaker") == "teen")
                .map(|line| text(line, "text"))
                .collect()
        })
        .collect();
    let small = fs::read_to_string(folder.join("small-talk.txt")).unwrap();
    let said = small.lines().filter_map(|line| line.strip_prefix("teen: "));
    talks.push(said.map(str::to_owned).collect());
    talks
}

#[test]
fn english_chat_is_never_taken_for_another_language() {
    let mut lines = 0;
    let mut wrong = Vec::new();
    for talk in talks() {
        let mut together = Talk::default();
        for line in &talk {
            lines += 1;
            if !is_english(line) || !together.is_english(line) {
                wrong.push(line.clone());
            }
        }
    }
    assert!(lines > 700, "{lines} lines");
    assert!(wrong.is_empty(), "{} of {lines}: {wrong:#?}", wrong.len());
}

#[test]
fn slang_is_english() {
    let mut talk = Talk::default();
    for text in SLANG {
        assert!(is_english(text), "{text}");
        assert!(talk.is_english(text), "{text}");
    }
}

#[test]
fn other_languages_are_seen_in_a_talk() {
    let mut missed = Vec::new();
    for talk in OTHERS.chunks(4) {
        let mut together = Talk::default();
        for text in talk {
            if together.is_english(text) {
                missed.push(text);
            }
        }
    }
    assert!(missed.len() <= 1, "{missed:#?}");
}

#[test]
fn an_english_message_among_others_is_read() {
    let mut talk = Talk::default();
    assert!(!talk.is_english(OTHERS[0]));
    assert!(!talk.is_english(OTHERS[1]));
    assert!(talk.is_english("my best friend maya moved away and i am really sad"));
    assert!(!talk.is_english(OTHERS[2]));
}

fn line(text: &str) -> Line<'_> {
    Line {
        id: TurnId::from_bits(1),
        speaker: Speaker::Teen,
        said_at: Timestamp::from_millis(0),
        text,
    }
}

#[test]
fn only_listed_names_are_found_in_another_language() {
    let text = "ayer jugué al fútbol con Emily en el parque hasta la noche, quiero ganar la copa";
    let found = EXTRACTOR.extract(&[line(text)], "UTC");
    let names: Vec<_> = found
        .mentions
        .iter()
        .map(|mention| (mention.kind, mention.surface.reveal().as_str()))
        .collect();
    assert_eq!(names, [(NodeKind::Person, "Emily")]);
    assert!(found.relations.is_empty());
    assert_eq!(EXTRACTOR.glance(&line(text)).len(), 1);
    let mood =
        EXTRACTOR.emotions("ich habe heute eine schlechte Note in Mathe bekommen und bin traurig");
    let neutral = [0.0_f32, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    assert_eq!(mood.map(f32::to_bits), neutral.map(f32::to_bits));
}
