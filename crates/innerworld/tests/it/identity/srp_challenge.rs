//! Signing in by SRP: what opens, and what does not.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use innerworld_core::{
    clock::Timestamp,
    identity::{
        account::AccountState,
        srp::{self, Claim, Client, Person, PublicValue},
    },
};
use innerworld_embedded::OsIds;
use serde_json::{Value, json};

use super::{
    provider::{PASSWORD, Provider, Refused, name},
    srp::prime,
};

const MIA: &str = "mia@example.org";
const WRONG: &str = "Incorrect username or password.";
const SESSION: &str = "Invalid session for the user, session is expired.";

/// A challenge, and the secret of who asked for it.
pub(super) struct Asked {
    client: Client,
    pub(super) parameters: Value,
}

impl Asked {
    pub(super) async fn new(provider: &Provider, address: &str) -> Result<Self, Refused> {
        let client = Client::new(&OsIds);
        let answer = initiate(provider, address, &client.public().to_string()).await?;
        assert_eq!(answer["ChallengeName"], "PASSWORD_VERIFIER");
        let parameters = answer["ChallengeParameters"].clone();
        Ok(Self { client, parameters })
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.parameters[name].as_str().unwrap()
    }

    /// The answer of somebody whose password is `password` and whose clock shows `now`.
    pub(super) fn answer(&self, provider: &Provider, password: &str, now: Timestamp) -> Value {
        let salt = srp::read_number(self.text("SALT")).unwrap();
        let server = PublicValue::parse(self.text("SRP_B")).unwrap();
        let pool = &provider.world.cognito.pool().id;
        let person = Person::new(pool, self.text("USER_ID_FOR_SRP"));
        let timestamp = srp::stamp(now);
        let claim = Claim {
            person,
            secret_block: &BASE64.decode(self.text("SECRET_BLOCK")).unwrap(),
            timestamp: &timestamp,
        };
        let key = self.client.key(person, password, &salt, &server);
        json!({
            "USERNAME": self.text("USERNAME"), "TIMESTAMP": timestamp,
            "PASSWORD_CLAIM_SECRET_BLOCK": self.text("SECRET_BLOCK"),
            "PASSWORD_CLAIM_SIGNATURE": BASE64.encode(key.sign(claim)),
        })
    }
}

pub(super) async fn initiate(
    provider: &Provider,
    address: &str,
    value: &str,
) -> Result<Value, Refused> {
    let body = json!({"AuthFlow": "USER_SRP_AUTH",
        "AuthParameters": {"USERNAME": address, "SRP_A": value}});
    provider.call("InitiateAuth", body).await
}

pub(super) async fn respond(provider: &Provider, responses: Value) -> Result<Value, Refused> {
    let body = json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses});
    provider.call("RespondToAuthChallenge", body).await
}

/// A whole sign-in; the access token.
pub(super) async fn sign_in(
    provider: &Provider,
    address: &str,
    password: &str,
) -> Result<String, Refused> {
    let asked = Asked::new(provider, address).await?;
    let now = provider.world.app.now();
    let answer = respond(provider, asked.answer(provider, password, now)).await?;
    let token = &answer["AuthenticationResult"]["AccessToken"];
    Ok(token.as_str().unwrap().to_owned())
}

fn sentence<T>(answer: Result<T, Refused>) -> String {
    answer.map(drop).unwrap_err().1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_never_sent_signs_in() {
    let provider = Provider::start().await;
    let teen = provider.teen(MIA).await;
    for address in [MIA, " Mia@Example.org", &teen.to_string()] {
        let access = sign_in(&provider, address, PASSWORD).await.unwrap();
        let user = provider.user(&access).await.unwrap();
        assert_eq!(user["Username"], teen.to_string());
    }
    assert_eq!(
        sentence(sign_in(&provider, MIA, "river stone").await),
        WRONG
    );

    let tokens = provider.sign_in(MIA, PASSWORD).await.unwrap();
    let third = "Ünïcode & spaces  inside 河";
    let body = json!({"AccessToken": tokens.access, "PreviousPassword": PASSWORD,
        "ProposedPassword": third});
    provider.call("ChangePassword", body).await.unwrap();
    assert!(sign_in(&provider, MIA, third).await.is_ok());
    assert_eq!(sentence(sign_in(&provider, MIA, PASSWORD).await), WRONG);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_good_for_one_answer() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    let now = provider.world.app.now();
    let asked = Asked::new(&provider, MIA).await.unwrap();
    let right = asked.answer(&provider, PASSWORD, now);
    respond(&provider, right.clone()).await.unwrap();
    assert_eq!(sentence(respond(&provider, right).await), SESSION);

    // A wrong answer uses it up as well: a challenge bears one guess.
    let asked = Asked::new(&provider, MIA).await.unwrap();
    let wrong = asked.answer(&provider, "not the password", now);
    assert_eq!(sentence(respond(&provider, wrong).await), WRONG);
    let right = asked.answer(&provider, PASSWORD, now);
    assert_eq!(sentence(respond(&provider, right).await), SESSION);

    // Of answers at once, one.
    let asked = Asked::new(&provider, MIA).await.unwrap();
    let right = asked.answer(&provider, PASSWORD, now);
    let answers = (0..8).map(|_| respond(&provider, right.clone()));
    let answers = futures_util::future::join_all(answers).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_ends_after_three_minutes_and_with_the_process() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    let (early, late) = (
        Asked::new(&provider, MIA).await.unwrap(),
        Asked::new(&provider, MIA).await.unwrap(),
    );
    provider.wait(Duration::from_millis(179_999));
    let now = provider.world.app.now();
    let answer = early.answer(&provider, PASSWORD, now);
    respond(&provider, answer).await.unwrap();
    provider.wait(Duration::from_millis(1));
    let answer = late.answer(&provider, PASSWORD, now);
    assert_eq!(sentence(respond(&provider, answer).await), SESSION);

    let asked = Asked::new(&provider, MIA).await.unwrap();
    let provider = provider.restart().await;
    let answer = asked.answer(&provider, PASSWORD, provider.world.app.now());
    assert_eq!(sentence(respond(&provider, answer).await), SESSION);
    assert!(sign_in(&provider, MIA, PASSWORD).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_may_be_off_by_five_minutes() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    let now = Timestamp::from_millis(provider.world.app.now().as_seconds() * 1_000);
    let off = |seconds| Duration::from_secs(seconds);
    for (clock, good) in [
        (now.minus(off(299)), true),
        (now.plus(off(300)), true),
        (now.minus(off(302)), false),
        (now.plus(off(302)), false),
        (Timestamp::from_millis(0), false),
    ] {
        let asked = Asked::new(&provider, MIA).await.unwrap();
        let answer = respond(&provider, asked.answer(&provider, PASSWORD, clock)).await;
        assert_eq!(answer.is_ok(), good, "{}", clock.to_rfc3339());
        if !good {
            assert!(sentence(answer).contains("five minutes"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_belongs_to_one_teen_and_one_password() {
    let provider = Provider::start().await;
    let mia = provider.teen(MIA).await;
    let noa = provider.teen("noa@example.org").await;
    let now = provider.world.app.now();
    for named in [noa.to_string(), MIA.to_owned(), String::new()] {
        let asked = Asked::new(&provider, MIA).await.unwrap();
        let mut answer = asked.answer(&provider, PASSWORD, now);
        answer["USERNAME"] = json!(named);
        assert_eq!(sentence(respond(&provider, answer).await), WRONG, "{named}");
    }
    // Another's block, signed by who knows both passwords.
    let (one, mut other) = (
        Asked::new(&provider, MIA).await.unwrap(),
        Asked::new(&provider, "noa@example.org").await.unwrap(),
    );
    other.parameters["SECRET_BLOCK"] = one.parameters["SECRET_BLOCK"].clone();
    let answer = respond(&provider, other.answer(&provider, PASSWORD, now)).await;
    assert_eq!(sentence(answer), WRONG);
    // One of the teen's own, of another value A.
    let (one, mut other) = (
        Asked::new(&provider, MIA).await.unwrap(),
        Asked::new(&provider, MIA).await.unwrap(),
    );
    other.parameters["SECRET_BLOCK"] = one.parameters["SECRET_BLOCK"].clone();
    let answer = respond(&provider, other.answer(&provider, PASSWORD, now)).await;
    assert_eq!(sentence(answer), WRONG);

    // A password that was changed meanwhile.
    let (old, new) = (
        Asked::new(&provider, MIA).await.unwrap(),
        Asked::new(&provider, MIA).await.unwrap(),
    );
    let access = provider.sign_in(MIA, PASSWORD).await.unwrap().access;
    let second = "meadow cloud compass";
    let body = json!({"AccessToken": access, "PreviousPassword": PASSWORD,
        "ProposedPassword": second});
    provider.call("ChangePassword", body).await.unwrap();
    for (asked, password) in [(old, PASSWORD), (new, second)] {
        let answer = respond(&provider, asked.answer(&provider, password, now)).await;
        assert_eq!(sentence(answer), WRONG);
    }
    // A teen who was erased meanwhile.
    let asked = Asked::new(&provider, MIA).await.unwrap();
    let access = sign_in(&provider, MIA, second).await.unwrap();
    let body = json!({"AccessToken": access});
    provider.call("DeleteUser", body).await.unwrap();
    let answer = respond(&provider, asked.answer(&provider, second, now)).await;
    assert_eq!(sentence(answer), WRONG, "{mia}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_password_says_what_is_the_matter() {
    let provider = Provider::start().await;
    provider.sign_up(MIA, json!([])).await.unwrap();
    let stranger = sign_in(&provider, MIA, "not the password").await;
    assert_eq!(sentence(stranger), WRONG);
    let owner = sign_in(&provider, MIA, PASSWORD).await;
    assert_eq!(name(owner), "UserNotConfirmedException");

    let teen = provider.teen("noa@example.org").await;
    let accounts = provider.world.stores.accounts();
    let mut account = accounts.by_id(teen).await.unwrap().unwrap();
    account.state = AccountState::Suspended;
    accounts.update(&account).await.unwrap();
    let stranger = sign_in(&provider, "noa@example.org", "not the password").await;
    assert_eq!(sentence(stranger), WRONG);
    let owner = sign_in(&provider, "noa@example.org", PASSWORD).await;
    assert_eq!(sentence(owner), "User is disabled.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_makes_every_password_fit_is_refused() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    let prime = prime();
    let mut values = vec![
        String::new(),
        "xyz".to_owned(),
        "-1".to_owned(),
        "ff ".to_owned(),
    ];
    values.push("f".repeat(10_000));
    for factor in 0_u32..=3 {
        values.push((&prime * factor).to_str_radix(16));
        values.push(format!("000{}", (&prime * factor).to_str_radix(16)));
    }
    for value in values {
        let answer = initiate(&provider, MIA, &value).await;
        assert_eq!(name(answer), "InvalidParameterException", "{value}");
    }
    let answer = initiate(&provider, "", "ff").await;
    assert_eq!(name(answer), "InvalidParameterException");
    // None of it was a try.
    assert!(sign_in(&provider, MIA, PASSWORD).await.is_ok());
}

/// Anything in any field of an answer is refused in words, and nothing falls over.
#[tokio::test(flavor = "multi_thread")]
async fn garbage_in_an_answer_is_a_readable_error() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    let now = provider.world.app.now();
    let asked = Asked::new(&provider, MIA).await.unwrap();
    let right = asked.answer(&provider, PASSWORD, now);
    let block = BASE64.decode(asked.text("SECRET_BLOCK")).unwrap();
    let changed = |at: usize| {
        let mut block = block.clone();
        block[at] ^= 1;
        json!(BASE64.encode(block))
    };
    let mut garbage = vec![
        json!(""),
        json!("x"),
        json!("é\u{0}"),
        json!("AAAA"),
        json!("A".repeat(9_000)),
        json!(7),
        json!([]),
        json!({}),
        json!(null),
        json!(right["TIMESTAMP"]),
        json!(right["USERNAME"]),
    ];
    garbage.extend([0, 1, 13, 40, block.len() - 17, block.len() - 1].map(changed));
    garbage.push(json!(BASE64.encode(&block[..block.len() - 1])));
    for field in [
        "PASSWORD_CLAIM_SECRET_BLOCK",
        "PASSWORD_CLAIM_SIGNATURE",
        "TIMESTAMP",
    ] {
        // A well-formed signature is a guess, which uses the challenge up.
        let guesses = |one: &Value| {
            let bytes = one.as_str().and_then(|text| BASE64.decode(text).ok());
            field == "PASSWORD_CLAIM_SIGNATURE" && bytes.is_some_and(|bytes| !bytes.is_empty())
        };
        let wrong = garbage
            .iter()
            .filter(|one| **one != right[field] && !guesses(one));
        let answers = wrong.map(async |one| {
            let mut wrong = right.clone();
            wrong[field] = one.clone();
            let known = ["NotAuthorizedException", "InvalidParameterException"];
            let refused = name(respond(&provider, wrong).await);
            assert!(known.contains(&&*refused), "{field} {one}: {refused}");
        });
        futures_util::future::join_all(answers).await;
    }
    let mut missing = right.clone();
    missing.as_object_mut().unwrap().remove("TIMESTAMP");
    assert_eq!(
        name(respond(&provider, missing).await),
        "InvalidParameterException"
    );
    let body = json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": right});
    let other = provider.call("RespondToAuthChallenge", body).await;
    assert_eq!(name(other), "InvalidParameterException");
    // Through all of it the challenge was not used up.
    assert!(respond(&provider, right).await.is_ok());
}
