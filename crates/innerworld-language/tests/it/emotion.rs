//! The emotion model: what it is trained to, and assets it refuses.

use innerworld_language::{
    LoadError,
    asset::{self, Asset, InvalidAsset},
    emotion::EmotionModel,
    train::{EmotionSettings, Labelled, TrainError, Trained, read_labelled, train_emotion},
};

const SHIPPED: &[u8] = include_bytes!("../../assets/emotion.iwa");

/// One class a word, ten texts of each.
const WORDS: [&str; 7] = [
    "alder", "birch", "cedar", "damson", "elder", "fir", "ginkgo",
];

fn texts() -> Vec<Labelled> {
    let words = WORDS.into_iter().enumerate().cycle().take(70);
    let lines: Vec<String> = words
        .zip(1..)
        .map(|((class, word), number)| format!("a {word} of {number}\t{class}\tid"))
        .collect();
    read_labelled(&lines.join("\n")).unwrap()
}

fn train(texts: &[Labelled]) -> Result<Trained, TrainError> {
    train_emotion(texts, Vec::new(), EmotionSettings::default(), &mut |_| {})
}

#[test]
fn what_was_taught_is_known() {
    let trained = train(&texts()).unwrap();
    assert!(trained.cross_validated > 0.99);
    let model = EmotionModel::read(&trained.bytes).unwrap();
    for (class, word) in WORDS.into_iter().enumerate() {
        let found = model.probabilities(&format!("a {word} of 900"));
        for (other, (probability, threshold)) in found.iter().zip(model.thresholds()).enumerate() {
            assert_eq!(
                probability >= threshold,
                other == class,
                "{word}: {found:?}"
            );
        }
    }
}

#[test]
fn training_twice_gives_the_same_bytes() {
    assert_eq!(
        train(&texts()).unwrap().bytes,
        train(&texts()).unwrap().bytes
    );
}

#[test]
fn a_class_that_is_nowhere_is_named() {
    let mut texts = texts();
    texts.retain(|text| !text.classes[2]);
    let error = train(&texts).unwrap_err();
    assert!(
        matches!(error, TrainError::NoExample { class: 2 }),
        "{error}"
    );
}

#[test]
fn a_line_that_is_no_example_is_named() {
    for (line, reason) in [
        ("no label", "a text, a tab and class numbers are expected"),
        ("a text\tjoy", "a label is no number"),
        ("a text\t7", "a label is no class"),
    ] {
        let error = read_labelled(&format!("fine\t3\n\n{line}")).unwrap_err();
        assert_eq!(error.to_string(), format!("line 3 of the data: {reason}"));
    }
}

/// The hash is right each time: the lengths inside are what is wrong.
#[test]
fn a_payload_of_another_shape_is_refused() {
    let Asset { header, payload } = Asset::read(SHIPPED, "emotion", 1).unwrap();
    let mut longer = payload.clone();
    longer.push(0);
    let mut more = payload.clone();
    more[84..88].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut not_a_number = payload.clone();
    not_a_number[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    let cuts = [0, 3, 84, 87, 88, 1_000, payload.len() - 1];
    let cut = cuts.map(|end| payload[..end].to_vec());
    for wrong in cut.into_iter().chain([longer, more, not_a_number]) {
        let file = asset::write(header.clone(), &wrong).unwrap();
        let error = EmotionModel::read(&file).unwrap_err();
        let expected = matches!(&error, LoadError::Asset(InvalidAsset::Payload { .. }));
        assert!(expected, "{} bytes: {error}", wrong.len());
    }
}

#[test]
fn any_length_of_text_has_probabilities() {
    let model = EmotionModel::shipped().unwrap();
    for text in [
        String::new(),
        "so ".repeat(40_000),
        "😭".repeat(9_000),
        "\u{202e}\u{0}".repeat(50),
    ] {
        assert!(
            model
                .probabilities(&text)
                .iter()
                .all(|p| (0.0..=1.0).contains(p))
        );
    }
}
