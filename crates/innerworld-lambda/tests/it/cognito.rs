//! Triggers of the user pool.

use std::sync::Arc;

use innerworld_core::clock::Timestamp;
use innerworld_lambda::{
    cognito::{CustomMessage, PreSignUp},
    run::Handler as _,
};
use innerworld_testkit::FakeClock;
use serde_json::{Value, json};

/// An event as the pool makes it.
fn event(trigger: &str, request: Value) -> Value {
    json!({
        "version": "1", "triggerSource": trigger, "region": "us-east-1",
        "userPoolId": "us-east-1_aB3dEfGhI", "userName": "robin@example.org",
        "callerContext": {"awsSdkVersion": "aws-sdk-ios-2", "clientId": "a-client"},
        "request": request,
        "response": {"autoConfirmUser": true, "autoVerifyEmail": true, "autoVerifyPhone": true},
    })
}

fn signing_up(validation: Value) -> Value {
    let attributes = json!({"email": "robin@example.org"});
    let request = json!({"userAttributes": attributes, "validationData": validation});
    event("PreSignUp_SignUp", request)
}

async fn answer(event: Value, now: &str) -> Result<Value, String> {
    let now = Timestamp::parse_rfc3339(now).unwrap();
    let function = PreSignUp::new(Arc::new(FakeClock::new(now)));
    let answer = function.handle(event).await;
    answer.map_err(|failure| format!("{failure:?}"))
}

#[tokio::test]
async fn the_thirteenth_birthday_counts_once_it_is_everywhere() {
    let noon = "2026-11-26T12:00:00Z";
    let cases = [
        // Born, at, whether old enough.
        ("2013-11-26", noon, true, "the birthday is today everywhere"),
        ("2013-11-27", noon, false, "the birthday is tomorrow"),
        ("2013-11-25", noon, true, "the birthday was yesterday"),
        (
            "2013-11-26",
            "2026-11-26T11:59:59Z",
            false,
            "it is still the day before in UTC-12",
        ),
        (
            "2012-02-29",
            "2025-03-01T11:59:59Z",
            false,
            "29 February, not yet 1 March everywhere",
        ),
        (
            "2012-02-29",
            "2025-03-01T12:00:00Z",
            true,
            "29 February counts on 1 March",
        ),
        (
            "2012-02-29",
            "2025-02-28T23:00:00Z",
            false,
            "29 February, a year without one",
        ),
        ("2000-01-01", noon, true, "an adult"),
        ("2026-11-26", noon, false, "born today"),
    ];
    for (born, now, passes, why) in cases {
        let found = answer(signing_up(json!({"birthdate": born})), now).await;
        assert_eq!(found.is_ok(), passes, "{why}");
        if let Err(error) = found {
            assert_eq!(error, "Refused: the age requirement is not met", "{why}");
        }
    }
}

#[tokio::test]
async fn a_country_may_ask_for_more_and_a_second_date_hides_nothing() {
    let now = "2026-11-26T12:00:00Z";
    let fourteen =
        |country: &str| signing_up(json!({"birthdate": "2012-01-01", "country": country}));
    assert!(answer(fourteen("US"), now).await.is_ok());
    assert!(answer(fourteen("DE"), now).await.is_err());
    let request = json!({
        "userAttributes": {"birthdate": "2020-01-01"}, "validationData": {"birthdate": "2000-01-01"},
    });
    assert!(
        answer(event("PreSignUp_SignUp", request), now)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn nobody_is_confirmed_and_who_brings_no_date_passes() {
    let now = "2026-11-26T12:00:00Z";
    let apple = event(
        "PreSignUp_ExternalProvider",
        json!({"userAttributes": {"email": "x@privaterelay.example"}, "validationData": null}),
    );
    let bare = event("PreSignUp_SignUp", json!({}));
    for event in [signing_up(json!({})), signing_up(json!(null)), apple, bare] {
        let answered = answer(event.clone(), now).await.unwrap();
        let confirmed = ["autoConfirmUser", "autoVerifyEmail", "autoVerifyPhone"];
        for field in confirmed {
            assert_eq!(answered["response"][field], json!(false));
        }
        assert_eq!(answered["userName"], event["userName"]);
        assert_eq!(answered["request"], event["request"]);
    }
}

#[tokio::test]
async fn what_is_no_date_and_no_event_is_refused_without_a_word_of_it() {
    let now = "2026-11-26T12:00:00Z";
    for odd in [
        "",
        "yesterday",
        "2013-13-01",
        "2013-02-30",
        "01/02/2003",
        "1800-01-01",
    ] {
        let found = answer(signing_up(json!({"birthdate": odd})), now).await;
        assert_eq!(
            found.unwrap_err(),
            "Refused: birthdate must be a date, YYYY-MM-DD"
        );
    }
    let expected = "InvalidEvent: not an event of PreSignUp with triggerSource and request";
    for odd in [
        json!(null),
        json!("secret"),
        json!([1]),
        json!({"triggerSource": "PreSignUp_SignUp"}),
        json!({"triggerSource": 1, "request": {}}),
        event("PostConfirmation_ConfirmSignUp", json!({})),
        signing_up(json!({"birthdate": {"secret": 1}})),
        signing_up(json!("secret")),
    ] {
        assert_eq!(answer(odd, now).await.unwrap_err(), expected);
    }
}

async fn mail(trigger: &str, request: Value) -> Value {
    let answered = CustomMessage.handle(event(trigger, request)).await.unwrap();
    answered["response"].clone()
}

#[tokio::test]
async fn mails_have_the_code_and_nobodys_name() {
    let request = |locale: &str| {
        json!({"codeParameter": "{####}", "usernameParameter": null,
            "userAttributes": {"email": "robin@example.org", "name": "Robin", "locale": locale}})
    };
    for trigger in [
        "CustomMessage_SignUp",
        "CustomMessage_ResendCode",
        "CustomMessage_ForgotPassword",
    ] {
        for locale in ["en-US", "de", "es-MX", "fr", "xx"] {
            let mail = mail(trigger, request(locale)).await;
            let text = mail.to_string();
            assert_eq!(text.matches("{####}").count(), 1, "{text}");
            assert!(!text.contains("obin"), "{text}");
        }
    }
    let german = mail("CustomMessage_SignUp", request("de-DE")).await;
    assert_eq!(german["emailSubject"], "Dein Code für InnerWorld");
    let mut said = request("de-DE");
    said["clientMetadata"] = json!({"locale": "fr-FR"});
    let french = mail("CustomMessage_SignUp", said).await;
    assert_eq!(french["emailSubject"], "Ton code pour InnerWorld");
    let own = mail("CustomMessage_AdminCreateUser", request("en")).await;
    assert_eq!(own["emailMessage"], json!(null));
}

#[tokio::test]
async fn a_mail_without_a_code_is_not_written() {
    for request in [
        json!({}),
        json!({"codeParameter": ""}),
        json!({"codeParameter": 1}),
    ] {
        let event = event("CustomMessage_SignUp", request);
        assert!(CustomMessage.handle(event).await.is_err());
    }
}
