//! Names that no provider is told: nothing of them is in a request, and the answer has them again.

use innerworld_core::{
    conversation::record::Finish,
    model::chat_model::{ChatModel as _, ModelItem},
};
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Script, Wire},
    model_calls::{call, collect, history_turn, remote, text_of},
};

use crate::support::{client, provider};

/// An answer in these pieces.
fn says(pieces: &[&str]) -> Script {
    Wire::saying(pieces).chunked()
}

#[tokio::test]
async fn the_provider_sees_placeholders_and_the_teen_does_not() {
    let answer = [
        "Is Maya [sur",
        "name-1",
        "] at [school-1]",
        " High? [surname-",
    ];
    let upstream = HostileUpstream::start([says(&answer)]).await;
    let mut call = call(1, "Maya Torresdal is at Willowmere High");
    call.prompt.digest = Some(remote("knows Maya Torresdal"));
    call.prompt.history = vec![history_turn("TORRESDAL again", "Who is Torresdal?")];
    call.prompt.recalled = Some(remote("Willowmere won"));
    let stream = client(&provider(&upstream.base_url())).stream(call).await;
    let items = collect(stream.unwrap()).await;
    assert_eq!(
        text_of(&items),
        "Is Maya Torresdal at Willowmere High? [surname-"
    );
    assert_eq!(items.last(), Some(&Ok(ModelItem::End(Finish::Stop))));
    let seen = upstream.requests();
    let body = String::from_utf8(seen[0].body.clone()).unwrap();
    for name in ["torresdal", "willowmere"] {
        assert!(!body.to_lowercase().contains(name), "{body}");
    }
    assert!(body.contains("Maya [surname-1] is at [school-1] High"));
    assert!(body.contains("[surname-1] again") && body.contains("[school-1] won"));
}

#[tokio::test]
async fn what_was_held_back_is_said_when_the_answer_breaks_off() {
    let cut = Wire::new().token("Maya [surname-1").chunked();
    let upstream = HostileUpstream::start([cut]).await;
    let call = call(1, "Maya Torresdal");
    let stream = client(&provider(&upstream.base_url())).stream(call).await;
    let items = collect(stream.unwrap()).await;
    assert_eq!(text_of(&items), "Maya [surname-1");
    assert!(items.last().unwrap().is_err());
}
