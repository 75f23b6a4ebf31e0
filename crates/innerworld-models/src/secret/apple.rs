//! The secret of Sign in with Apple: the private key with the names that belong to it.

use innerworld_core::{
    identity::apple::client_secret::{AppleKey, BadKey, KeyNames},
    secret::Secret,
};
use serde::{Deserialize, Serialize};

use super::{Fields, Names};

/// The fields of the secret; all must be there.
const FIELDS: [&str; 4] = ["team_id", "key_id", "private_key", "client_id"];

/// The text is no secret of Sign in with Apple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAppleSecret {
    /// It is not an object with these fields.
    #[error("not a JSON object with team_id, key_id, private_key and client_id, all of them texts")]
    Form,
    /// A name is none that Apple gives.
    #[error("wrong: {0} is not an id as Apple writes it")]
    Name(&'static str),
    /// The key is none that Apple gives.
    #[error("wrong: private_key is {0}")]
    Key(BadKey),
}

#[derive(Deserialize, Serialize)]
struct Wire {
    team_id: String,
    key_id: String,
    private_key: String,
    client_id: String,
}

/// Reads the JSON object; `None` for a placeholder: then no grant can be taken back at Apple.
pub fn parse(text: &str) -> Result<Option<AppleKey>, InvalidAppleSecret> {
    // The parser's message could quote the key.
    let wire: Wire =
        serde_json::from_str(text).map_err(|_quotes_the_key| InvalidAppleSecret::Form)?;
    let pem = Secret::new(wire.private_key);
    if is_placeholder(pem.reveal()) {
        return Ok(None);
    }
    let names = KeyNames {
        team_id: wire.team_id,
        key_id: wire.key_id,
        client_id: wire.client_id,
    };
    check(&names)?;
    let key = AppleKey::parse(&pem, names).map_err(InvalidAppleSecret::Key)?;
    Ok(Some(key))
}

/// The JSON object of a bare private key and its names.
pub fn put_together(pem: &Secret, names: KeyNames) -> Result<Secret, InvalidAppleSecret> {
    check(&names)?;
    AppleKey::parse(pem, names.clone()).map_err(InvalidAppleSecret::Key)?;
    let wire = Wire {
        team_id: names.team_id,
        key_id: names.key_id,
        private_key: pem.reveal().to_owned(),
        client_id: names.client_id,
    };
    let text = serde_json::to_string(&wire);
    // The copy in the object is wiped like the others.
    drop(Secret::new(wire.private_key));
    text.map(Secret::new)
        .map_err(|_never_fails| InvalidAppleSecret::Form)
}

/// The names of the fields in this text.
pub fn fields(text: &str) -> Result<Fields, InvalidAppleSecret> {
    let found: Names =
        serde_json::from_str(text).map_err(|_quotes_the_key| InvalidAppleSecret::Form)?;
    Ok(Fields::of(&found, &FIELDS, ""))
}

/// What documents and examples write in the key's place.
fn is_placeholder(pem: &str) -> bool {
    let text = pem.trim();
    text.is_empty() || text.starts_with("YOUR_")
}

fn check(names: &KeyNames) -> Result<(), InvalidAppleSecret> {
    let named = [
        ("team_id", &names.team_id),
        ("key_id", &names.key_id),
        ("client_id", &names.client_id),
    ];
    let is_id = |text: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        (1..=255).contains(&text.len()) && text.bytes().all(fits)
    };
    let wrong = named.iter().find(|(_field, id)| !is_id(id));
    wrong.map_or(Ok(()), |(field, _id)| Err(InvalidAppleSecret::Name(field)))
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde_json::json;

    use super::*;

    fn text(private_key: &str, team_id: &str) -> String {
        json!({
            "team_id": team_id, "key_id": "KEY1234567", "private_key": private_key,
            "client_id": "org.example.signin",
        })
        .to_string()
    }

    fn pem() -> String {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let encoded = STANDARD.encode(key.serialize_der());
        format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n")
    }

    #[test]
    fn a_key_is_read_with_line_ends_of_both_kinds() {
        for pem in [pem(), pem().replace('\n', "\\n")] {
            let key = parse(&text(&pem, "TEAM123456")).unwrap().unwrap();
            assert_eq!(key.client_id(), "org.example.signin");
        }
    }

    #[test]
    fn a_bare_key_becomes_a_secret_that_is_read_again() {
        let names = KeyNames {
            team_id: "TEAM123456".to_owned(),
            key_id: "KEY1234567".to_owned(),
            client_id: "org.example.signin".to_owned(),
        };
        let made = put_together(&Secret::new(pem()), names.clone()).unwrap();
        assert!(parse(made.reveal()).unwrap().is_some());
        assert_eq!(fields(made.reveal()).unwrap().unknown, Vec::<String>::new());
        let unnamed = put_together(&Secret::new(pem()), KeyNames::default());
        assert_eq!(unnamed.err(), Some(InvalidAppleSecret::Name("team_id")));
        let wrong = put_together(&Secret::new("sk-1".to_owned()), names);
        assert_eq!(wrong.err(), Some(InvalidAppleSecret::Key(BadKey)));
    }

    #[test]
    fn the_placeholder_and_the_documented_example_are_no_key() {
        for pem in ["", " ", "YOUR_PRIVATE_KEY"] {
            assert!(parse(&text(pem, "YOUR_TEAM_ID")).unwrap().is_none());
        }
    }

    #[test]
    fn what_is_wrong_is_told_apart_and_never_quoted() {
        let rsa = pem().replace("PRIVATE KEY", "RSA PRIVATE KEY");
        for (text, wanted) in [
            (text("QQQQ", "TEAM123456"), InvalidAppleSecret::Key(BadKey)),
            (text(&rsa, "TEAM123456"), InvalidAppleSecret::Key(BadKey)),
            (text(&pem(), "TEAM 1"), InvalidAppleSecret::Name("team_id")),
            (
                "{\"private_key\":\"QQQQ\"}".to_owned(),
                InvalidAppleSecret::Form,
            ),
            ("QQQQ".to_owned(), InvalidAppleSecret::Form),
        ] {
            let error = parse(&text).unwrap_err();
            assert_eq!(error, wanted);
            assert!(!format!("{error} {error:?}").contains("QQQQ"));
        }
        let named = fields(&text("QQQQ", "T").replace("team_id", "team")).unwrap();
        assert_eq!(named.unknown, ["team"]);
    }
}
