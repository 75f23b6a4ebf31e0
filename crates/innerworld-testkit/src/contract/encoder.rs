//! The contract of encoders. They are synchronous and pure, so that a suite is one function.

use innerworld_core::memory::encoder::Encoder;

/// Texts that an encoder must bear, most of them meaningless.
fn texts() -> [String; 9] {
    [
        String::new(),
        " \n\t".to_owned(),
        "my sister plays the cello".to_owned(),
        "MY SISTER, she plays… the cello!!".to_owned(),
        "\u{1f600}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}".to_owned(),
        "\u{202e}\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{645}\u{631}\u{62d}\u{628}\u{627}".to_owned(),
        "\0\u{feff}\u{fffd}".to_owned(),
        "a".repeat(10_000),
        "word ".repeat(5_000),
    ]
}

/// The clauses of [`Encoder`]'s contract that `encoder` breaks.
pub fn broken_clauses(encoder: &dyn Encoder) -> Vec<&'static str> {
    let texts = texts();
    let vectors: Vec<_> = texts.iter().map(|text| encoder.encode(text)).collect();
    let again: Vec<_> = texts.iter().map(|text| encoder.encode(text)).collect();
    let mut lengths = vectors.iter().map(|vector| {
        let squares: f32 = vector.iter().map(|component| component * component).sum();
        squares.sqrt()
    });
    let clauses = [
        (
            !encoder.version().is_empty(),
            "it names itself and its weights",
        ),
        (
            vectors
                .iter()
                .all(|vector| vector.len() == encoder.dimensions()),
            "every vector has as many components as it says",
        ),
        (
            lengths.all(|length| length.abs() < 1e-6 || (length - 1.0).abs() < 1e-3),
            "every vector is of length one, or zero",
        ),
        (vectors == again, "the same text gives the same vector"),
        (
            vectors
                .first()
                .is_some_and(|empty| empty.iter().all(|component| component.abs() < 1e-6)),
            "nothing said gives zeros",
        ),
        (
            vectors
                .get(2)
                .is_some_and(|said| said.iter().any(|component| component.abs() > 1e-6)),
            "plain words give a direction",
        ),
    ];
    clauses
        .into_iter()
        .filter_map(|(kept, clause)| (!kept).then_some(clause))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An encoder of letters, and ways to be wrong.
    #[derive(Clone, Copy, PartialEq)]
    enum Letters {
        Right,
        Nameless,
        OneTooMany,
        Long,
        Never,
    }

    impl Encoder for Letters {
        fn version(&self) -> &'static str {
            if *self == Self::Nameless {
                ""
            } else {
                "letters-1"
            }
        }

        fn dimensions(&self) -> usize {
            if *self == Self::OneTooMany { 27 } else { 26 }
        }

        fn encode(&self, text: &str) -> Vec<f32> {
            let mut counts = vec![0.0_f32; 26];
            for letter in text.bytes().filter(u8::is_ascii_lowercase) {
                counts[usize::from(letter - b'a')] += 1.0;
            }
            let squares: f32 = counts.iter().map(|count| count * count).sum();
            let length = if *self == Self::Long {
                1.0
            } else {
                squares.sqrt()
            };
            let length = if *self == Self::Never {
                f32::INFINITY
            } else {
                length
            };
            if squares > 0.0 {
                for count in &mut counts {
                    *count /= length;
                }
            }
            counts
        }
    }

    #[test]
    fn a_wrong_encoder_breaks_the_clause_that_is_meant() {
        let broken = |encoder: Letters| broken_clauses(&encoder);
        assert!(broken(Letters::Right).is_empty());
        assert_eq!(
            broken(Letters::Nameless),
            ["it names itself and its weights"]
        );
        assert_eq!(
            broken(Letters::OneTooMany),
            ["every vector has as many components as it says"]
        );
        assert_eq!(
            broken(Letters::Long),
            ["every vector is of length one, or zero"]
        );
        assert_eq!(broken(Letters::Never), ["plain words give a direction"]);
    }
}
