//! The scripted server's side of a sign-in: the one password it knows is that of the last sign-up.
#![expect(clippy::indexing_slicing, reason = "JSON of this file's own making")]

use std::sync::Mutex;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use innerworld_core::identity::srp::{Claim, Person, PublicValue, Server};
use serde_json::{Value, json};

pub(super) const POOL: &str = "zz-local-1_scripted";
pub(super) const SUBJECT: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const SALT: [u8; 16] = [0xA5; 16];
const BLOCK: &[u8] = b"a block";

/// What is known of the teen who signs in, and what was sent to show it.
#[derive(Default)]
pub(super) struct SignIn {
    verifier: Mutex<Vec<u8>>,
    client: Mutex<Option<PublicValue>>,
    /// Bodies of the calls that sign in.
    pub(super) bodies: Mutex<Vec<String>>,
}

impl SignIn {
    pub(super) fn sign_up(&self, body: &Value) {
        let password = body["Password"].as_str().unwrap();
        *self.verifier.lock().unwrap() = Person::new(POOL, SUBJECT).verifier(password, &SALT);
    }

    pub(super) fn initiate(&self, body: &Value) -> Value {
        self.bodies.lock().unwrap().push(body.to_string());
        assert_eq!(body["AuthFlow"], "USER_SRP_AUTH");
        let client = body["AuthParameters"]["SRP_A"].as_str().unwrap();
        *self.client.lock().unwrap() = PublicValue::parse(client);
        json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {
            "SALT": "a5".repeat(16), "SECRET_BLOCK": BASE64.encode(BLOCK),
            "SRP_B": self.server().public().to_string(),
            "USERNAME": SUBJECT, "USER_ID_FOR_SRP": SUBJECT,
        }})
    }

    /// Whether the answer to the challenge shows that the password is known.
    pub(super) fn is_right(&self, body: &Value) -> bool {
        self.bodies.lock().unwrap().push(body.to_string());
        let responses = &body["ChallengeResponses"];
        let text = |name: &str| responses[name].as_str().unwrap();
        assert_eq!(text("USERNAME"), SUBJECT);
        let claim = Claim {
            person: Person::new(POOL, SUBJECT),
            secret_block: BLOCK,
            timestamp: text("TIMESTAMP"),
        };
        let signature = BASE64.decode(text("PASSWORD_CLAIM_SIGNATURE")).unwrap();
        let client = self.client.lock().unwrap().take().unwrap();
        self.server().key(&client).verify(claim, &signature)
    }

    fn server(&self) -> Server {
        Server::new(&self.verifier.lock().unwrap(), &[7; 32]).unwrap()
    }
}
