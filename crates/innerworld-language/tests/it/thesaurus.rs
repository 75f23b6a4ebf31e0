//! The thesaurus: what it holds near, and assets it refuses.

use std::sync::LazyLock;

use innerworld_core::memory::thesaurus::Thesaurus;
use innerworld_language::{
    LoadError,
    asset::InvalidAsset,
    thesaurus::ShippedThesaurus,
    train::{EncoderPieces, make_thesaurus, train_embeddings},
};
use innerworld_testkit::contract::thesaurus::broken_clauses;

static THESAURUS: LazyLock<ShippedThesaurus> =
    LazyLock::new(|| ShippedThesaurus::shipped().unwrap());

fn near(thesaurus: &ShippedThesaurus, stem: &str) -> Vec<(String, f32)> {
    let mut found = Vec::new();
    thesaurus.near(stem, &mut |near, share| {
        found.push((near.to_owned(), share));
    });
    found
}

#[test]
fn the_contract_holds() {
    let stems = [
        "job", "dog", "mom", "went", "go", "birthday", "zzz", "", "été", "a b",
    ];
    assert_eq!(broken_clauses(&*THESAURUS, &stems), Vec::<&str>::new());
}

#[test]
fn words_for_the_same_are_near() {
    for (asked, said) in [
        ("job", "work"),
        ("mom", "mum"),
        ("puppi", "dog"),
        ("movi", "film"),
        ("doctor", "physician"),
    ] {
        let found = near(&THESAURUS, asked);
        assert!(
            found.iter().any(|(stem, _)| stem == said),
            "{asked}: {said}"
        );
        assert!(found.iter().all(|(stem, _)| stem != "exam"), "{asked}");
    }
}

#[test]
fn forms_of_an_irregular_word_are_the_same_word() {
    for (one, other) in [("go", "went"), ("bought", "buy"), ("child", "children")] {
        let found = near(&THESAURUS, one);
        let share = found.iter().find(|(stem, _)| stem == other).unwrap().1;
        assert!(share > 0.999, "{one} and {other}: {share}");
    }
}

#[test]
fn what_it_does_not_know_is_near_to_nothing() {
    assert!(near(&THESAURUS, "qwrtzp").is_empty());
    assert!(near(&THESAURUS, "").is_empty());
}

/// "red" and "reddish" point the same way, "green" another.
fn table() -> Vec<u8> {
    let words = vec!["red", "reddish", "green", "went", "##red"];
    let rows = [0, 0, 1, 2, 0].into_iter().flat_map(|direction| {
        (0..256_u16).map(move |component| f32::from(u8::from(component == direction)))
    });
    let rows = rows.collect();
    train_embeddings(&EncoderPieces { words, rows }, Vec::new()).unwrap()
}

#[test]
fn what_is_made_is_read_back_and_making_it_twice_gives_the_same_bytes() {
    let forms = "# a comment\ngo went\n";
    let bytes = make_thesaurus(&table(), forms, Vec::new()).unwrap();
    assert_eq!(bytes, make_thesaurus(&table(), forms, Vec::new()).unwrap());
    let made = ShippedThesaurus::read(&bytes).unwrap();
    assert_eq!(near(&made, "go"), [("went".to_owned(), 1.0)]);
    assert_eq!(near(&made, "red").first().unwrap().0, "reddish");
    assert!(near(&made, "green").iter().all(|(stem, _)| stem != "red"));
}

#[test]
fn another_asset_is_refused_by_name() {
    let emotion = include_bytes!("../../assets/emotion.iwa");
    let error = ShippedThesaurus::read(emotion).unwrap_err();
    assert!(matches!(
        error,
        LoadError::Asset(InvalidAsset::Other { found, .. }) if found == "emotion"
    ));
    assert!(make_thesaurus(emotion, "", Vec::new()).is_err());
}
