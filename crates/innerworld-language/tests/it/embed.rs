//! The static encoder: what it finds alike, and assets it refuses.

use std::sync::LazyLock;

use innerworld_core::memory::encoder::{Encoder, Vector};
use innerworld_language::{
    LoadError,
    asset::InvalidAsset,
    embed::StaticEncoder,
    train::{EncoderPieces, train_embeddings},
};
use innerworld_testkit::contract::encoder::broken_clauses;

static ENCODER: LazyLock<StaticEncoder> = LazyLock::new(|| StaticEncoder::shipped().unwrap());

fn cosine(one: &str, other: &str) -> f32 {
    let vector = |text| Vector::of(&ENCODER.encode(text));
    vector(one).dot(&vector(other))
}

#[test]
fn the_contract_holds() {
    assert_eq!(broken_clauses(&*ENCODER), Vec::<&str>::new());
}

#[test]
fn texts_about_the_same_are_nearer_than_others() {
    for (said, same, other) in [
        (
            "my dog ate my shoe",
            "the puppy chewed a sneaker",
            "the exam is on monday",
        ),
        (
            "i failed my math test",
            "bad grade in algebra",
            "we went to the beach",
        ),
        (
            "band practice with my guitar",
            "playing songs on drums",
            "my grandma is sick",
        ),
    ] {
        let (same, other) = (cosine(said, same), cosine(said, other));
        assert!(same > other + 0.1, "{said}: {same} is not above {other}");
    }
}

#[test]
fn case_accents_and_stickers_change_nothing() {
    for (one, other) in [
        ("Café AND Piñata", "cafe and pinata"),
        ("love", "love\u{2764}\u{fe0f}"),
    ] {
        assert!(cosine(one, other) > 0.8, "{one} and {other}");
    }
}

#[test]
fn unknown_text_is_about_nothing() {
    assert!(
        ENCODER
            .encode("\u{1f9ff}\u{1fae0}")
            .iter()
            .all(|x| x.abs() < f32::EPSILON)
    );
}

/// A small encoder's pieces: a row each, far apart.
fn tiny() -> EncoderPieces<'static> {
    let words = vec!["red", "green", "##ish"];
    let rows = (0..words.len() * 256)
        .map(|at| f32::from(u8::from(at % 256 == at / 256)))
        .collect();
    EncoderPieces { words, rows }
}

#[test]
fn a_trained_table_is_read_back_and_training_twice_gives_the_same_bytes() {
    let bytes = train_embeddings(&tiny(), Vec::new()).unwrap();
    assert_eq!(bytes, train_embeddings(&tiny(), Vec::new()).unwrap());
    let encoder = StaticEncoder::read(&bytes).unwrap();
    let (red, reddish) = (encoder.encode("red"), encoder.encode("redish"));
    assert_ne!(red, reddish);
    assert!(
        encoder
            .encode("blue")
            .iter()
            .all(|x| x.abs() < f32::EPSILON)
    );
}

#[test]
fn vectors_that_do_not_fit_the_words_are_refused() {
    let mut pieces = tiny();
    pieces.rows.pop();
    assert!(train_embeddings(&pieces, Vec::new()).is_err());
    pieces.words.clear();
    assert!(train_embeddings(&pieces, Vec::new()).is_err());
}

#[test]
fn another_asset_is_refused_by_name() {
    let emotion = include_bytes!("../../assets/emotion.iwa");
    let error = StaticEncoder::read(emotion).unwrap_err();
    assert!(matches!(
        error,
        LoadError::Asset(InvalidAsset::Other { found, .. }) if found == "emotion"
    ));
}
