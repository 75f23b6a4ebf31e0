//! T12: guessing, and sending mail to somebody, are bounded.

use std::time::Duration;

use futures_util::{StreamExt as _, future::join_all, stream};
use innerworld_core::identity::account::CodeKind;
use serde_json::json;

use super::provider::{PASSWORD, Provider, Refused, name, wrong};

const MIA: &str = "mia@example.org";
const HOUR: Duration = Duration::from_secs(3_600);

/// How many of the answers say this.
fn count(answers: &[Refused], sentence: &str) -> usize {
    answers.iter().filter(|(_, said)| said == sentence).count()
}

/// Refusals of so many calls, in order, many of them at once.
async fn at_once<F: Future<Output = Result<(), Refused>>>(
    calls: u32,
    call: impl Fn(u32) -> F,
) -> Vec<Refused> {
    let calls = stream::iter(0..calls).map(call).buffered(50);
    calls.map(Result::unwrap_err).collect().await
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_a_code_bears_four_wrong_guesses_and_not_five() {
    let provider = Provider::start().await;
    for (address, guesses, good) in [("a@example.org", 4, true), ("b@example.org", 5, false)] {
        provider.sign_up(address, json!([])).await.unwrap();
        let code = provider.world.mails.newest(address);
        for _ in 0..guesses {
            let answer = provider.confirm(address, &wrong(&code)).await;
            assert_eq!(name(answer), "CodeMismatchException");
        }
        let answer = provider.confirm(address, &code).await;
        assert_eq!(answer.is_ok(), good, "after {guesses}");
    }
    // A new code has five guesses of its own.
    provider
        .call(
            "ResendConfirmationCode",
            json!({"Username": "b@example.org"}),
        )
        .await
        .unwrap();
    let code = provider.world.mails.newest("b@example.org");
    provider.confirm("b@example.org", &code).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_guesses_at_once_are_no_way_around() {
    let provider = Provider::start().await;
    provider.sign_up(MIA, json!([])).await.unwrap();
    let code = provider.world.mails.newest(MIA);
    let guess = wrong(&code);
    let answers = join_all((0..12).map(|_| provider.confirm(MIA, &guess))).await;
    assert!(
        answers
            .into_iter()
            .all(|answer| name(answer) == "CodeMismatchException")
    );
    let late = provider.confirm(MIA, &code).await;
    assert_eq!(name(late), "CodeMismatchException");
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_a_code_ends_after_ten_minutes() {
    let provider = Provider::start().await;
    let answer = provider.sign_up(MIA, json!([])).await.unwrap();
    let subject = answer["UserSub"].as_str().unwrap();
    let teen = innerworld_core::ids::TeenId::from_verified_subject(subject).unwrap();
    let code = provider.world.mails.newest(MIA);
    provider.wait(Duration::from_millis(599_999));
    assert!(provider.has_code(teen, CodeKind::SignUp).await);
    provider.wait(Duration::from_millis(1));
    assert!(!provider.has_code(teen, CodeKind::SignUp).await);
    assert_eq!(
        name(provider.confirm(MIA, &code).await),
        "CodeMismatchException"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_a_thousand_guesses_at_codes_are_twenty_an_hour() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    for (operation, password) in [("ConfirmForgotPassword", true), ("ConfirmSignUp", false)] {
        provider.wait(HOUR);
        provider
            .call("ForgotPassword", json!({"Username": MIA}))
            .await
            .unwrap();
        let code = provider.world.mails.newest(MIA);
        let (provider, code) = (&provider, &code);
        let answers = at_once(1_000, |number| async move {
            // The right one comes late.
            let guess = if number == 900 {
                code.clone()
            } else {
                wrong(code)
            };
            let mut body = json!({"Username": MIA, "ConfirmationCode": guess});
            if password {
                body["Password"] = json!("meadow cloud compass");
            }
            provider.call(operation, body).await.map(drop)
        })
        .await;
        let limited = "Attempt limit exceeded, please try after some time.";
        assert_eq!(count(&answers, limited), 980, "{operation}");
    }
    // Nothing was changed by it.
    assert!(provider.sign_in(MIA, PASSWORD).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_a_thousand_guesses_at_a_password_are_ten_and_lock_for_a_quarter_of_an_hour() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    let asking = &provider;
    let answers = at_once(1_000, |number| async move {
        let guess = if number == 900 {
            PASSWORD.to_owned()
        } else {
            format!("password {number}")
        };
        asking.sign_in(MIA, &guess).await.map(drop)
    })
    .await;
    assert!(
        answers
            .iter()
            .all(|(name, _)| name == "NotAuthorizedException")
    );
    assert_eq!(count(&answers, "Incorrect username or password."), 10);
    assert_eq!(count(&answers, "Password attempts exceeded"), 990);
    provider.wait(Duration::from_secs(15 * 60 - 1));
    assert!(provider.sign_in(MIA, PASSWORD).await.is_err());
    provider.wait(Duration::from_secs(1));
    assert!(provider.sign_in(MIA, PASSWORD).await.is_ok());
}

/// One address that tries one password on everybody.
#[tokio::test(flavor = "multi_thread")]
async fn t12_one_address_guesses_two_hundred_times() {
    let provider = Provider::start().await;
    let asking = &provider;
    let answers = at_once(250, |number| async move {
        let address = format!("teen{number}@example.org");
        asking.sign_in(&address, PASSWORD).await.map(drop)
    })
    .await;
    assert_eq!(count(&answers, "Incorrect username or password."), 200);
    assert_eq!(count(&answers, "Password attempts exceeded"), 50);
}

/// A school signs in from one address.
#[tokio::test(flavor = "multi_thread")]
async fn right_passwords_are_not_counted_against_their_address() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    // Fewer at once than the account has tries: each counts until it was found right.
    for _ in 0..42 {
        let five = (0..5).map(|_| provider.sign_in(MIA, PASSWORD));
        for answer in join_all(five).await {
            assert_eq!(name(answer), "accepted");
        }
    }
    // The wrong ones between them are.
    let wrong = provider.sign_in("nobody@example.org", PASSWORD).await;
    assert_eq!(
        wrong.map(drop).unwrap_err().1,
        "Incorrect username or password."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_takes_back_the_wrong_ones_before_it() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    for _ in 0..3 {
        for number in 0..9 {
            assert!(
                provider
                    .sign_in(MIA, &format!("password {number}"))
                    .await
                    .is_err()
            );
        }
        provider.sign_in(MIA, PASSWORD).await.unwrap();
    }
}

/// The old password of a change is a guess like any other: a stolen token must not help.
#[tokio::test(flavor = "multi_thread")]
async fn t12_changing_the_password_is_no_second_place_to_guess() {
    let provider = Provider::start().await;
    provider.teen(MIA).await;
    let tokens = provider.sign_in(MIA, PASSWORD).await.unwrap();
    for number in 0..10 {
        let body = json!({"AccessToken": tokens.access, "PreviousPassword": format!("password {number}"),
            "ProposedPassword": "meadow cloud compass"});
        let answer = provider.call("ChangePassword", body).await;
        assert_eq!(name(answer), "NotAuthorizedException");
    }
    let (_, sentence) = provider.sign_in(MIA, PASSWORD).await.map(drop).unwrap_err();
    assert_eq!(sentence, "Password attempts exceeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_a_hundred_requests_send_five_mails_an_hour() {
    let provider = Provider::start().await;
    provider.sign_up(MIA, json!([])).await.unwrap();
    for operation in ["ResendConfirmationCode", "ForgotPassword"] {
        let asking = (0..50).map(|_| provider.call(operation, json!({"Username": MIA})));
        join_all(asking).await;
    }
    assert_eq!(provider.world.mails.to(MIA), 5);
    let again = provider.sign_up(MIA, json!([])).await;
    assert_eq!(name(again), "LimitExceededException");
    provider.wait(HOUR);
    let named = json!({"Username": " MIA@example.org"});
    let asking = (0..100).map(|_| provider.call("ResendConfirmationCode", named.clone()));
    join_all(asking).await;
    assert_eq!(provider.world.mails.to(MIA), 10);
}
