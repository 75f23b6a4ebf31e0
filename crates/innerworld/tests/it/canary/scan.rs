//! Looks for words that must not be somewhere, in every form in which they could be.

use std::{fmt::Write as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD as BASE64};

/// Words to look for, and what each of them is.
pub(crate) struct Scanner {
    /// What each is, and its forms in lower case.
    words: Vec<(&'static str, Vec<String>)>,
}

impl Scanner {
    pub(crate) fn new(words: &[(&'static str, &str)]) -> Self {
        let words = words.iter().map(|(what, word)| (*what, forms(word)));
        Self {
            words: words.collect(),
        }
    }

    /// What of the words is in `bytes`, in whichever form.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<&'static str> {
        let text = lowered(bytes);
        let holds = |forms: &[String]| forms.iter().any(|form| text.contains(form.as_str()));
        let hits = self.words.iter().filter(|(_, forms)| holds(forms));
        hits.map(|(what, _)| *what).collect()
    }

    /// Fails if one of the words is in `bytes`.
    pub(crate) fn clean(&self, place: &str, bytes: impl AsRef<[u8]>) {
        let found = self.find(bytes.as_ref());
        assert!(found.is_empty(), "{place} holds {found:?}");
    }

    /// Fails if one of the words is in a file below `folder`, or in its name.
    pub(crate) fn clean_folder(&self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            self.clean("a file name", &name);
            if path.is_dir() {
                self.clean_folder(&path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                self.clean(&name, bytes);
            }
        }
    }
}

/// A six-digit code as somebody would print it. The fraction of a second in a log line's time has
/// six digits too, so digits after a point do not count.
pub(crate) fn holds_code(bytes: &[u8], code: &str) -> bool {
    let digits = |byte: &u8| byte.is_ascii_digit();
    (0..bytes.len()).any(|at| {
        let (before, rest) = bytes.split_at(at);
        rest.strip_prefix(code.as_bytes()).is_some_and(|after| {
            let inside = before
                .last()
                .is_some_and(|byte| digits(byte) || *byte == b'.');
            !inside && !after.first().is_some_and(digits)
        })
    })
}

/// Bytes as text, one letter each, in lower case.
fn lowered(bytes: &[u8]) -> String {
    bytes
        .to_ascii_lowercase()
        .into_iter()
        .map(char::from)
        .collect()
}

/// Every form in which a word could be written, in lower case.
fn forms(word: &str) -> Vec<String> {
    let bytes = word.as_bytes();
    let mut all = vec![
        word.to_owned(),
        written(bytes, "", "", |b| format!("{b:02x}")),
    ];
    all.push(written(bytes, "%", "", |b| format!("{b:02x}")));
    all.push(written(bytes, "", ", ", |b| format!("{b}")));
    let percent = |space: &str| {
        let one = |b: &u8| match b {
            b' ' => space.to_owned(),
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(b) => char::from(*b).to_string(),
            b => format!("%{b:02x}"),
        };
        bytes.iter().map(one).collect::<String>()
    };
    all.extend([percent("+"), percent("%20")]);
    for offset in 0..3 {
        let encoded = BASE64.encode([&vec![0; offset], bytes].concat());
        // The first and last letters also depend on what stands beside the word.
        let from = (offset * 8).div_ceil(6);
        let to = (offset + bytes.len()) * 8 / 6;
        let inner = encoded.get(from..to).unwrap();
        all.extend([inner.to_owned(), inner.replace('+', "-").replace('/', "_")]);
    }
    all.iter().map(|form| lowered(form.as_bytes())).collect()
}

fn written(bytes: &[u8], before: &str, between: &str, one: impl Fn(u8) -> String) -> String {
    bytes
        .iter()
        .enumerate()
        .fold(String::new(), |mut text, (n, byte)| {
            let between = if n == 0 { "" } else { between };
            write!(text, "{between}{before}{}", one(*byte)).unwrap();
            text
        })
}

#[test]
fn t09_a_planted_word_is_found_in_every_form() {
    let word = "Robin Quillaby@example.org";
    let scanner = Scanner::new(&[("the word", word), ("another", "vellichor")]);
    let hex = written(word.as_bytes(), "", "", |b| format!("{b:02X}"));
    let mut planted = vec![
        word.to_owned(),
        word.to_lowercase(),
        word.to_uppercase(),
        hex,
        "Robin%20Quillaby%40example.org".to_owned(),
        "Robin+Quillaby%40example.org".to_owned(),
        format!("{:?}", word.as_bytes()),
    ];
    for before in ["", "a", "ab", "abc"] {
        planted.push(BASE64.encode(format!("{before}{word}")));
        planted.push(BASE64.encode(format!("{before}{word}, and more")));
    }
    for form in planted {
        let place = format!("{{\"field\":\"{form}\"}}");
        assert_eq!(scanner.find(place.as_bytes()), ["the word"], "{form}");
    }
    let mut binary = vec![0_u8, 0xFF, 0xFE];
    binary.extend(b"VelliChor\0");
    assert_eq!(scanner.find(&binary), ["another"]);
    assert!(
        scanner
            .find(b"Robin Quillab, and others at example.org")
            .is_empty()
    );
}

#[test]
fn t09_a_planted_file_fails_the_scan_of_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let scanner = Scanner::new(&[("the word", "vellichor")]);
    std::fs::create_dir(folder.path().join("inner")).unwrap();
    std::fs::write(folder.path().join("inner/file"), b"nothing").unwrap();
    scanner.clean_folder(folder.path());
    for (name, text) in [("inner/file", "vellichor"), ("inner/VELLICHOR.txt", "")] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let failed = std::panic::catch_unwind(|| scanner.clean_folder(folder.path()));
        assert!(failed.is_err(), "{name}");
        std::fs::write(folder.path().join("inner/file"), b"nothing").unwrap();
    }
}

#[test]
fn a_code_is_found_and_a_fraction_of_a_second_is_not_one() {
    assert!(holds_code(b"the code 123456 was sent", "123456"));
    assert!(holds_code(b"123456", "123456"));
    assert!(holds_code(b"code=123456&x", "123456"));
    assert!(!holds_code(b"2026-01-01T00:00:00.123456Z", "123456"));
    assert!(!holds_code(b"91234567", "123456"));
}
