//! The models' output over several hundred lines, byte for byte the same on every machine.
//!
//! Tokens, names, feelings, vectors and contact data of each session in `tests/extraction`, a short
//! hash each, so that a difference says where it is. The rules are left out: they have snapshots of
//! their own. After a wanted change: `INSTA_UPDATE=always cargo test -p innerworld-language golden`.

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use innerworld_core::{
    hex,
    memory::{encoder::Encoder as _, store::EntityExtractor as _},
};
use innerworld_language::{embed::StaticEncoder, pii, tagger::Tagger, tokenize::tokenize};
use serde_json::Value;

use crate::rules::EXTRACTOR;

/// Sessions that are read; later ones may come and go.
const SESSIONS: usize = 60;
const FEWEST_LINES: usize = 300;

/// What each part of the local tier makes of the lines.
#[derive(Default)]
struct Outputs {
    tokens: String,
    names: String,
    feelings: String,
    vectors: Vec<u8>,
    contact: String,
}

impl Outputs {
    fn add(&mut self, text: &str, (tagger, encoder): (&Tagger, &StaticEncoder)) {
        let tokens = tokenize(text);
        for token in &tokens {
            write!(self.tokens, "{token:?} {} ", token.base).unwrap();
        }
        let words: Vec<&str> = tokens.iter().map(|token| token.raw).collect();
        for name in tagger.entities(&words) {
            let (kind, sure) = (name.kind.name(), name.confidence);
            write!(self.names, "{kind} {}-{} {sure:.3} ", name.start, name.end).unwrap();
        }
        for weight in EXTRACTOR.emotions(text) {
            write!(self.feelings, "{weight:.3} ").unwrap();
        }
        let vector = encoder.encode(text);
        self.vectors
            .extend(vector.iter().flat_map(|part| part.to_le_bytes()));
        for span in pii::find(text) {
            write!(self.contact, "{span:?} ").unwrap();
        }
    }

    fn hashes(&self) -> String {
        let parts = [
            self.tokens.as_bytes(),
            self.names.as_bytes(),
            self.feelings.as_bytes(),
            &self.vectors,
            self.contact.as_bytes(),
        ];
        let short = parts.map(|part| hex::sha256(part).chars().take(8).collect::<String>());
        short.join(" ")
    }
}

#[test]
fn output_is_the_same_everywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/extraction");
    let encoder = Arc::new(StaticEncoder::shipped().unwrap());
    let tagger = Tagger::shipped(Arc::clone(&encoder)).unwrap();
    let mut table = String::from("session tokens names feelings vectors contact\n");
    let mut lines = 0;
    for session in 1..=SESSIONS {
        let name = format!("s{session:03}");
        let text = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let session: Value = serde_json::from_str(&text).unwrap();
        let mut outputs = Outputs::default();
        for line in session["lines"].as_array().unwrap() {
            outputs.add(line["text"].as_str().unwrap(), (&tagger, &encoder));
            lines += 1;
        }
        writeln!(table, "{name} {}", outputs.hashes()).unwrap();
    }
    assert!(lines >= FEWEST_LINES, "{lines} lines");
    insta::assert_snapshot!("golden", table);
}
