//! A handshake that the authoriser has let in.

use std::time::Duration;

use innerworld_core::ids::TeenId;
use innerworld_lambda::{connect::admit, gateway::RequestContext};
use innerworld_testkit::records::NOW;
use serde_json::{Value, json};

use crate::world::handshake;

const ALLOWED: &str = "https://app.example.org";

fn context(ends: Value) -> RequestContext {
    let teen = TeenId::from_subject_bits(7).to_string();
    let found = json!({"principalId": teen, "user_id": teen, "token_expires_at": ends,
        "jti": "a-token", "integrationLatency": 7});
    let context = json!({"connectionId": "L0SM9cOFvHcCIhw=", "authorizer": found, "apiId": "x"});
    serde_json::from_value(context).unwrap()
}

fn status(headers: &[(&str, &str)], context: &RequestContext) -> u16 {
    match admit(
        &handshake(headers, None),
        context,
        &[ALLOWED.to_owned()],
        NOW,
    ) {
        Ok(_row) => 200,
        Err(status) => status,
    }
}

#[test]
fn origins_sub_protocols_and_identity_are_checked() {
    let ends = NOW.plus(Duration::from_secs(60)).as_millis();
    let context = context(json!(ends));
    let offer = ("Sec-WebSocket-Protocol", "innerworld.v1, bearer.x");
    assert_eq!(status(&[offer], &context), 200, "a native app");
    assert_eq!(status(&[("origin", ALLOWED), offer], &context), 200);
    for foreign in [
        "https://evil.example",
        "null",
        "",
        "https://app.example.org.evil.example",
        "http://app.example.org",
    ] {
        assert_eq!(
            status(&[("Origin", foreign), offer], &context),
            403,
            "{foreign}"
        );
    }
    for other in ["innerworld.v2", "bearer.x", "", "innerworld.v1x"] {
        let offer = ("Sec-WebSocket-Protocol", other);
        assert_eq!(status(&[offer], &context), 426, "{other}");
    }
    assert_eq!(status(&[], &context), 426);
}

#[test]
fn the_row_says_whose_it_is_and_how_long_the_token_lasts() {
    let ends = NOW.plus(Duration::from_secs(60));
    // The gateway may give numbers back as texts.
    for written in [json!(ends.as_millis()), json!(ends.as_millis().to_string())] {
        let offer = [("sec-websocket-protocol", "innerworld.v1")];
        let row = admit(&handshake(&offer, None), &context(written), &[], NOW).unwrap();
        assert_eq!(row.teen, TeenId::from_subject_bits(7));
        assert_eq!(row.token_expires_at, ends);
        assert_eq!(row.connection, "L0SM9cOFvHcCIhw=");
        assert_eq!(row.session, None);
        assert_eq!(row.expires_at, NOW.plus(Duration::from_secs(1_800)));
    }
}

#[test]
fn without_an_authoriser_and_with_an_ended_token_nobody_comes_in() {
    let offer = [("sec-websocket-protocol", "innerworld.v1")];
    let bare = serde_json::from_value(json!({"connectionId": "x"})).unwrap();
    assert_eq!(status(&offer, &bare), 401);
    assert_eq!(status(&offer, &context(json!(NOW.as_millis()))), 401);
    let nobody = json!({"connectionId": "x",
        "authorizer": {"user_id": "somebody", "token_expires_at": NOW.as_millis() + 1}});
    assert_eq!(
        status(&offer, &serde_json::from_value(nobody).unwrap()),
        401
    );
}

#[test]
fn frames_are_as_long_as_the_gateway_takes_them() {
    assert_eq!(innerworld_protocol::FRAME_BYTES, innerworld_aws::POST_BYTES);
    let double = innerworld_testkit::gateway::FRAME_BYTES;
    assert_eq!(innerworld_aws::POST_BYTES, double);
}
