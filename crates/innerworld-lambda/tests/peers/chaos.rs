//! Processes that die in the middle of an answer, at every call to the tables.

use std::time::Duration;

use innerworld_core::{identity::consent::MemoryMode, ids::TeenId};
use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    hostile_upstream::{HostileUpstream, Wire},
    lambda::Delivery,
};
use serde_json::json;

use crate::{
    functions::complete_as,
    place::{Place, address},
    talk::{Client, Deployed, PATIENCE, opened_by},
};

/// More calls than an answer takes.
const MOST_CALLS: usize = 60;
const ANSWER: &str = "One thing at a time, then.";

/// A message whose answer was begun.
struct Asked {
    teen: TeenId,
    session: String,
    message: String,
    turn: String,
}

impl Asked {
    /// Says something.
    async fn by(client: &mut Client, teen: TeenId) -> Self {
        client.say(3, "there is so much to do").await;
        let accepted = client.until("accepted").await;
        let welcome = client.seen.iter().find(|frame| frame["type"] == "welcome");
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        Self {
            teen,
            session: text(&welcome.unwrap()["session"]),
            message: text(&accepted["id"]),
            turn: text(&accepted["turn"]),
        }
    }

    /// How the answer ended, as the client was told; `None` if it was not yet.
    fn finish(&self, client: &Client) -> Option<String> {
        let mut ends = client.seen.iter().rev();
        let end = ends.find(|frame| frame["type"] == "turn.end" && frame["turn"] == *self.turn)?;
        end["finish"].as_str().map(str::to_owned)
    }

    /// The event that asks for the answer.
    fn event(&self) -> String {
        json!({
            "user_id": self.teen.to_string(), "session_id": self.session, "message_id": self.message,
        })
        .to_string()
    }
}

/// A process dies after each of its calls to the tables in turn, and another one is called for the same
/// message later: the teen is told how it ended, and the provider was asked once at most.
#[tokio::test]
async fn whoever_answers_may_die_at_any_call() {
    let (upstream, proxy, deployed) = cuttable().await;
    let (mut whole, mut unclear, mut calls) = (0, 0, 0);
    // Before the sixth nothing is written: one of those stands for all.
    for call in [0].into_iter().chain(5..MOST_CALLS) {
        let teen = TeenId::from_subject_bits(1_000 + call as u128);
        complete_as(&deployed.place, teen, MemoryMode::Off).await;
        let mut client = opened_by(&deployed, teen).await;
        deployed.service.settled().await;
        let paid_before = upstream.requests().len();
        proxy.cut_after(call, Cut::Answer);
        let asked = Asked::by(&mut client, teen).await;
        let died = dies(&deployed, &proxy).await;
        proxy.mend();
        deployed.service.settled().await;
        let paid = upstream.requests().len() - paid_before;
        if died {
            deployed
                .place
                .end_lease(&asked.session, &asked.message)
                .await;
            assert!(deployed.service.send("turn-worker", asked.event()));
        }
        let finish = loop {
            if let Some(finish) = asked.finish(&client) {
                break finish;
            }
            client.until("turn.end").await;
        };
        deployed.service.settled().await;
        let paid_in_all = upstream.requests().len() - paid_before;
        assert!(paid_in_all <= 1, "call {call}: paid {paid_in_all} times");
        // From the mark on that a provider is asked, nobody can tell whether it was.
        unclear += usize::from(paid == 0 && finish != "stop");
        whole += usize::from(finish == "stop");
        calls = call;
        if !died {
            break;
        }
    }
    assert!((8..MOST_CALLS - 1).contains(&calls), "{calls} calls");
    assert!(
        unclear <= 6,
        "{unclear} were given up that nobody had paid for"
    );
    assert!(whole > 6, "some are answered: {whole} of {calls}");
}

/// Whoever answers dies, and the event that called them is given up. A teen who comes back is told how the
/// answer ended: no sweeper has to come by.
#[tokio::test]
async fn who_comes_back_is_told_of_an_answer_whose_maker_died() {
    let (upstream, proxy, deployed) = cuttable().await;
    let teen = TeenId::from_subject_bits(2_000);
    complete_as(&deployed.place, teen, MemoryMode::Off).await;
    let mut client = opened_by(&deployed, teen).await;
    deployed.service.settled().await;
    // After its claim, and long before its end.
    proxy.cut_after(8, Cut::Answer);
    let asked = Asked::by(&mut client, teen).await;
    assert!(dies(&deployed, &proxy).await);
    proxy.mend();
    deployed.service.settled().await;
    assert_eq!(asked.finish(&client), None);
    deployed
        .place
        .end_lease(&asked.session, &asked.message)
        .await;
    drop(client);
    let mut back = deployed.client_of(teen).await;
    back.hello().await;
    while asked.finish(&back).is_none() {
        back.until("turn.end").await;
    }
    deployed.service.settled().await;
    assert!(upstream.requests().len() <= 1, "nobody is asked twice");
}

/// Functions whose turn-worker can be cut off from its tables. An event whose function dies is given up.
async fn cuttable() -> (HostileUpstream, CuttingProxy, Deployed) {
    let upstream = HostileUpstream::start([Wire::saying(&[ANSWER]).closing()]).await;
    let proxy = CuttingProxy::start(&address("INNERWORLD_TEST_DYNAMODB")).await;
    let place = Place::with_model(&upstream.base_url()).await;
    let allowed = upstream.address().to_string();
    let deployed = Deployed::told(place, |function| {
        let mut told = vec![("MODEL_ALLOWED_HOSTS", allowed.clone())];
        if function == "turn-worker" {
            told.push(("AWS_ENDPOINT_URL_DYNAMODB", proxy.base_url()));
        }
        told
    })
    .await;
    deployed.service.deliver(Delivery {
        retries: 0,
        ..Delivery::default()
    });
    (upstream, proxy, deployed)
}

/// Waits until the process was cut off or is done, and kills it; `false` if it was done.
async fn dies(deployed: &Deployed, proxy: &CuttingProxy) -> bool {
    let cut_off = async {
        while !proxy.was_cut() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let done = async {
        // It is called once the frame was taken.
        deployed.gateway.settled().await;
        deployed.service.settled().await;
    };
    let cut = tokio::select! {
        () = cut_off => true,
        () = done => proxy.was_cut(),
        () = tokio::time::sleep(PATIENCE) => panic!("neither cut off nor done"),
    };
    if cut {
        deployed.service.kill("turn-worker");
    }
    cut
}
