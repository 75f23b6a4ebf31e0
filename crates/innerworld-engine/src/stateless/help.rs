//! Help while nothing can be read.

use innerworld_core::{
    clock::Timestamp,
    ids::{RequestId, TeenId},
    safety::{
        desk::{Case, Known, Place},
        heard::Heard,
    },
};
use innerworld_protocol::{ClientFrame, ErrorCode, client::Message, server::ErrorFrame, text};

use crate::{
    connection::{Sends, reference_of},
    safeguards::Safeguards,
    session::lifecycle::encode_error,
};

/// The language of a teen whose settings cannot be read.
const LOCALE: &str = "en";

/// Answers a frame that cannot be handled because no store can be read: with the help that its message
/// shows need of, and with the word to send it again.
///
/// The message is judged alone, with the rules that are strictest and the resources that are for
/// everybody, and nothing of it is kept: when it comes again it is judged and counted as if it were new.
/// Its event is the same then, if the ledger's key is.
pub async fn help(
    safeguards: &Safeguards,
    (teen, text): (TeenId, &str),
    (now, request): (Timestamp, RequestId),
    carrier: &mut impl Sends,
) {
    let frame = ClientFrame::parse(text).ok();
    if let Some(ClientFrame::Message(message)) = &frame
        && let Some(help) = judged(safeguards, teen, message, now)
    {
        // Who cannot be reached comes back, and says it again.
        carrier.send(&help).await.ok();
        carrier.deliver_at_once().await.ok();
    }
    let mut error = ErrorFrame::new(ErrorCode::StorageUnavailable, request);
    error.reference = frame.as_ref().and_then(reference_of);
    carrier.send(&encode_error(error)).await.ok();
    carrier.deliver_at_once().await.ok();
}

fn judged(
    safeguards: &Safeguards,
    teen: TeenId,
    message: &Message,
    now: Timestamp,
) -> Option<String> {
    let desk = &safeguards.desk;
    let case = Case {
        teen,
        known: Known::Unreadable,
        place: Place::unknown(LOCALE),
        soft_at: None,
        language_offered: false,
        now,
    };
    let views = desk.read(&text::clean(message.text.reveal()));
    let verdict = desk.screen(&case, &views, &Heard::default());
    let shown = desk.message(&case, &verdict, message.id);
    shown.frame.map(|frame| frame.json)
}
