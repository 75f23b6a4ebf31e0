//! The contract of [`ChatModel`]: one function per clause, and a macro that makes a test of each.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use innerworld_core::model::chat_model::{
    ChatModel, ModelError, ModelItem, ModelPhase, ModelStream,
};

use crate::model_calls;

/// How the source behind the model under test behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Says a few words and ends well.
    Answers,
    /// Ends well without a word.
    SaysNothing,
    /// Fails before the first word.
    FailsEarly,
    /// Breaks off after a few words.
    BreaksOff,
    /// Says a few words and then nothing more.
    Hangs,
}

impl Behaviour {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Answers,
        Self::SaysNothing,
        Self::FailsEarly,
        Self::BreaksOff,
        Self::Hangs,
    ];
}

/// A model under test, and a way to see whether it still holds its source.
pub struct Subject {
    /// The model.
    pub model: Arc<dyn ChatModel>,
    /// Connections or streams of its source that are open; zero for a model without a source.
    pub open: Box<dyn Fn() -> usize + Send + Sync>,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject with {} open", (self.open)())
    }
}

type Item = Result<ModelItem, ModelError>;

async fn open(subject: &Subject) -> Result<ModelStream, ModelError> {
    subject.model.stream(model_calls::call(1, "hello")).await
}

async fn items(subject: &Subject) -> Vec<Item> {
    match open(subject).await {
        Ok(stream) => model_calls::collect(stream).await,
        Err(error) => vec![Err(error)],
    }
}

const fn is_last(item: &Item) -> bool {
    matches!(item, Err(_) | Ok(ModelItem::End(_)))
}

const fn is_text(item: &Item) -> bool {
    matches!(item, Ok(ModelItem::Text(_)))
}

/// Ends with `End` or one error; nothing follows it.
pub async fn ends_once(subject: Subject) {
    let items = items(&subject).await;
    let ends = items.iter().filter(|item| is_last(item)).count();
    assert_eq!(ends, 1, "{items:?}");
    assert!(items.last().is_some_and(is_last), "{items:?}");
}

/// `Started` comes before any text and never after it.
pub async fn started_comes_before_text(subject: Subject) {
    let items = items(&subject).await;
    let Some(first_text) = items.iter().position(is_text) else {
        return;
    };
    let started = |item: &Item| matches!(item, Ok(ModelItem::Started { .. }));
    let (before, after) = items.split_at(first_text);
    assert!(before.iter().any(started), "no Started: {items:?}");
    assert!(!after.iter().any(started), "a late Started: {items:?}");
}

/// An answer without text is an error, and no text is empty.
pub async fn an_end_has_text(subject: Subject) {
    let items = items(&subject).await;
    let ended = items
        .iter()
        .any(|item| matches!(item, Ok(ModelItem::End(_))));
    assert!(!ended || items.iter().any(is_text), "{items:?}");
    let empty = |item: &Item| matches!(item, Ok(ModelItem::Text(text)) if text.is_empty());
    assert!(!items.iter().any(empty), "{items:?}");
}

/// An error says truly whether text was shown.
pub async fn errors_know_their_phase(subject: Subject) {
    let items = items(&subject).await;
    let shown = items.iter().any(is_text);
    for error in items.iter().filter_map(|item| item.as_ref().err()) {
        assert_eq!(
            error.phase == ModelPhase::AfterFirstToken,
            shown,
            "{items:?}"
        );
    }
}

/// Usage comes at most once.
pub async fn usage_comes_once(subject: Subject) {
    let items = items(&subject).await;
    let usages = items
        .iter()
        .filter(|item| matches!(item, Ok(ModelItem::Usage(_))))
        .count();
    assert!(usages <= 1, "{items:?}");
}

/// Dropping the stream, before or after the first word, lets the source go.
pub async fn dropping_lets_the_source_go(subject: Subject) {
    for words in [0, 1] {
        let mut stream = open(&subject).await.unwrap();
        let mut seen = 0;
        while seen < words {
            match stream.next().await {
                Some(Ok(ModelItem::Text(_))) => seen += 1,
                Some(Ok(_)) => {}
                other => panic!("no text: {other:?}"),
            }
        }
        drop(stream);
        let gone = async {
            while (subject.open)() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(2), gone).await;
        assert!(in_time.is_ok(), "the source is still held");
    }
}

/// Two calls at the same time do not mix.
pub async fn calls_do_not_mix(subject: Subject) {
    let alone = model_calls::text_of(&items(&subject).await);
    let (one, two) = futures_util::future::join(items(&subject), items(&subject)).await;
    for items in [one, two] {
        assert_eq!(model_calls::text_of(&items), alone);
    }
}

/// Makes one test per clause. `$make` is an async function from a [`Behaviour`] to a [`Subject`].
#[macro_export]
macro_rules! chat_model_contract {
    ($module:ident, $make:path) => {
        mod $module {
            use $crate::chat_model_contract::{self as contract, Behaviour};

            $crate::chat_model_contract!(@each $make;
                ends_once, started_comes_before_text, an_end_has_text, errors_know_their_phase,
                usage_comes_once);

            #[tokio::test]
            async fn dropping_lets_the_source_go() {
                contract::dropping_lets_the_source_go($make(Behaviour::Hangs).await).await;
            }

            #[tokio::test]
            async fn calls_do_not_mix() {
                contract::calls_do_not_mix($make(Behaviour::Answers).await).await;
            }
        }
    };
    (@each $make:path; $($clause:ident),*) => {
        $(
            #[tokio::test]
            async fn $clause() {
                for behaviour in Behaviour::ALL {
                    // A source that hangs never comes to an end.
                    if behaviour != Behaviour::Hangs {
                        contract::$clause($make(behaviour).await).await;
                    }
                }
            }
        )*
    };
}
