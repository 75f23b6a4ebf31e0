//! `privacy-worker`: everything of a teen is erased, whenever it is killed; exports are made and given to
//! their teen alone.

mod export;
mod home;

use std::sync::Arc;

use innerworld_core::{
    clock::{Clock, Timestamp},
    error::ErrorKind,
    ids::TeenId,
};
use innerworld_engine::export::Exports as _;
use innerworld_testkit::{
    apple::{self, AppleDouble, Misbehaviour},
    cutting_proxy::CuttingProxy,
    lambda::{LambdaDouble, Outcome},
};
use serde_json::json;

use self::home::{Home, answered, delivery, nothing_again, wake};
use crate::place::{address, call, wall_clock};

/// Gives the function a message while the other queues are consumed.
async fn deliver(home: &Home, worker: &mut LambdaDouble, event: String) -> Outcome {
    tokio::select! {
        outcome = worker.invoke(event) => outcome,
        () = home.consume() => unreachable!("it goes on"),
    }
}

/// The programs' clock: what they sign is dated by it.
pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        wall_clock()
    }
}

/// The function's program, with a secret by which this Apple knows it.
async fn with_apple(home: &Home, apple: &AppleDouble) -> LambdaDouble {
    let name = format!("apple-{}", home.bucket);
    let secret = json!({
        "team_id": apple::TEAM_ID, "key_id": apple::KEY_ID, "client_id": apple::CLIENT_ID,
        "private_key": apple.private_key(),
    });
    let put = json!({
        "Name": name, "SecretString": secret.to_string(), "ClientRequestToken": "0".repeat(32),
    });
    let create = ("secretsmanager", "secretsmanager.CreateSecret");
    call("SECRETS", create, put).await;
    home.worker(&[
        ("APPLE_SECRET_ID", name),
        ("APPLE_ISSUER", apple.issuer().to_owned()),
    ])
}

#[tokio::test]
async fn one_message_erases_everything_of_a_teen_and_nothing_of_another() {
    let home = Home::new("erases-everything").await;
    let apple = AppleDouble::start(Arc::new(WallClock)).await;
    let mut worker = with_apple(&home, &apple).await;
    let teen = home.settle(true).await;
    // Beside it, in the same tables: a teen who stays.
    let other = home.records.teen();
    let profile = home.records.profile();
    home.place
        .aws
        .profiles()
        .put(other, &profile)
        .await
        .unwrap();
    let stays = home.named(other).await;
    let rows = home.named(teen).await.len();
    assert!(rows >= 20, "only {rows} rows were settled");

    // A message alone erases nobody.
    let event = wake(teen);
    let told = answered(deliver(&home, &mut worker, event).await);
    assert_eq!(told, nothing_again());
    assert_eq!(home.named(teen).await.len(), rows);

    let event = home.ask_to_erase(teen).await;
    let told = answered(deliver(&home, &mut worker, event.clone()).await);
    assert_eq!(told, nothing_again());
    home.is_buried(teen).await;
    assert_eq!(apple.revoked().len(), 1, "{}", worker.written());
    // A marker went through both queues, behind the order to delete the graph.
    assert_eq!(home.consumed("session-ended"), 1);
    assert_eq!(home.consumed("graph-writes"), 2);
    assert!(home.place.aws.revocations().waiting().await.unwrap() == 0);
    assert_eq!(home.named(other).await, stays);

    // Delivered again, and with what was still on its way.
    let again = answered(deliver(&home, &mut worker, event).await);
    assert_eq!(again, nothing_again());
    resurrects_nothing(&home, teen).await;
    home.is_buried(teen).await;
    worker.stop();
    let written = worker.written();
    assert!(!written.contains("robin"), "{written}");
}

/// What came too late for the teen: the end of a session, a key, a session, an export.
async fn resurrects_nothing(home: &Home, teen: TeenId) {
    let (aws, records) = (&home.place.aws, &home.records);
    let write = records.session_write(records.session_id(9), 0);
    let late = home.memory().write(teen, &write).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Denied);
    let job = records.remember(teen, records.session_id(9), wall_clock());
    let late = aws.jobs().enqueue(&job).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Denied);
    let session = records.session_at(teen, wall_clock());
    let late = aws.conversations().open_session(&session, &[]).await;
    assert_eq!(late.unwrap_err().kind(), ErrorKind::Denied);
    let late = aws.ensure_key(teen).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Denied);
    let late = home.exports().begin(teen, wall_clock()).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Denied);
}

/// Kills the function at its first call through the proxy, at its second, and so on, until one
/// delivery comes through; how often it was killed.
async fn kill_at_every_call(
    home: &Home,
    proxy: &CuttingProxy,
    variables: &[&'static str],
) -> usize {
    let told: Vec<_> = variables
        .iter()
        .map(|name| (*name, proxy.base_url()))
        .collect();
    let mut worker = home.worker(&told);
    let teen = home.settle(false).await;
    let event = home.ask_to_erase(teen).await;
    let killed = async {
        let mut calls = 0;
        loop {
            proxy.hold_after(calls);
            let ended = tokio::select! {
                outcome = worker.invoke(event.clone()) => Some(outcome),
                () = proxy.holds() => None,
            };
            if ended.is_none() {
                worker.stop();
            }
            proxy.mend();
            if let Some(outcome) = ended {
                assert_eq!(answered(outcome), nothing_again());
                return calls;
            }
            calls += 1;
        }
    };
    let calls = tokio::select! {
        calls = killed => calls,
        () = home.consume() => unreachable!("it goes on"),
    };
    home.is_buried(teen).await;
    calls
}

#[tokio::test]
async fn killed_at_any_call_to_the_tables_it_goes_on_and_ends_the_same() {
    let home = Home::new("killed-at-the-tables").await;
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_DYNAMODB")).await;
    let killed = kill_at_every_call(&home, &proxy, &["AWS_ENDPOINT_URL_DYNAMODB"]).await;
    assert!(killed > 20, "only {killed} calls");
}

#[tokio::test]
async fn killed_at_any_call_to_another_service_it_goes_on_and_ends_the_same() {
    let home = Home::new("killed-elsewhere").await;
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_SQS")).await;
    let killed = kill_at_every_call(&home, &proxy, &["AWS_ENDPOINT_URL_SQS"]).await;
    assert!(killed >= 2, "only {killed} messages");
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_S3")).await;
    let moto = [
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    ];
    let killed = kill_at_every_call(&home, &proxy, &moto).await;
    assert!(killed >= 2, "only {killed} calls");
}

#[tokio::test]
async fn an_account_of_another_provider_is_deleted_by_its_name() {
    let home = Home::new("federated").await;
    let user = json!({
        "UserPoolId": home.pool, "Username": "SignInWithApple_000123.abc",
        "MessageAction": "SUPPRESS", "UserAttributes": [],
    });
    let made = home::cognito("AdminCreateUser", user).await;
    let attributes = made["User"]["Attributes"].as_array().unwrap().clone();
    let subject = attributes.iter().find(|one| one["Name"] == "sub").unwrap();
    let subject = subject["Value"].as_str().unwrap();
    let teen = TeenId::from_verified_subject(subject).unwrap();
    let event = home.ask_to_erase(teen).await;
    let mut worker = home.worker(&[]);
    assert_eq!(
        answered(deliver(&home, &mut worker, event).await),
        nothing_again()
    );
    assert!(home.accounts().await.is_empty());
}

#[tokio::test]
async fn what_fails_is_put_back_in_the_outbox_and_holds_up_nobody() {
    let home = Home::new("put-back").await;
    let teen = home.records.teen();
    let event = home.ask_to_erase(teen).await;
    let mut worker = home.worker(&[("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9".to_owned())]);
    let before = wall_clock();
    assert_eq!(
        answered(deliver(&home, &mut worker, event.clone()).await),
        nothing_again()
    );
    let job = home.place.aws.erase_job(teen).await.unwrap().unwrap();
    assert_eq!(job.attempts, 1);
    assert!(job.not_before > before, "not before some time has passed");
    assert!(home.place.aws.erasure().is_fenced(teen).await.unwrap());

    let mut mended = home.worker(&[]);
    assert_eq!(
        answered(deliver(&home, &mut mended, event).await),
        nothing_again()
    );
    home.is_buried(teen).await;
    let strange = delivery(r#"{"v":1,"secret-word":1}"#);
    let again = json!({"batchItemFailures": [{"itemIdentifier": "m0"}]});
    assert_eq!(answered(mended.invoke(strange).await), again);
}

#[tokio::test]
async fn a_grant_that_apple_does_not_take_back_now_waits_where_nobody_is_named() {
    let home = Home::new("grant-waits").await;
    let apple = AppleDouble::start(Arc::new(WallClock)).await;
    let mut worker = with_apple(&home, &apple).await;
    let teen = home.settle(true).await;
    apple.misbehave(Misbehaviour::Fails);
    let event = home.ask_to_erase(teen).await;
    let told = answered(deliver(&home, &mut worker, event).await);
    assert_eq!(told, nothing_again());
    home.is_buried(teen).await;
    let revocations = home.place.aws.revocations();
    assert_eq!(revocations.waiting().await.unwrap(), 1);

    let event = home.privacy.next(0).await.unwrap();
    let record = &event["Records"][0];
    assert!(!record["body"].as_str().unwrap().contains("user_id"));
    let again = json!({"batchItemFailures": [{"itemIdentifier": record["messageId"]}]});
    let event = event.to_string();
    assert_eq!(answered(worker.invoke(event.clone()).await), again);
    apple.misbehave(None);
    // It is due again after a second or two.
    while answered(worker.invoke(event.clone()).await) == again {}
    assert_eq!(apple.revoked().len(), 1);
    assert_eq!(revocations.waiting().await.unwrap(), 0);
}
