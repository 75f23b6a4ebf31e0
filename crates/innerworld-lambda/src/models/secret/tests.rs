use std::sync::Mutex as StdMutex;

use innerworld_testkit::FakeClock;

use super::*;

type Found = Result<&'static str, ErrorKind>;

/// What the next reads give, the last one over and over; how many there were.
#[derive(Clone)]
struct Book(Arc<StdMutex<(Vec<Found>, usize)>>);

impl Book {
    fn with(reads: &[Found]) -> Self {
        Self(Arc::new(StdMutex::new((reads.to_vec(), 0))))
    }

    fn reads(&self) -> usize {
        self.0.lock().unwrap().1
    }
}

#[async_trait]
impl Keeps for Book {
    async fn read(&self) -> Result<Option<Secret>, PortError> {
        let mut book = self.0.lock().unwrap();
        let next = book.0.len() - 1;
        let found = book.0[book.1.min(next)];
        book.1 += 1;
        match found {
            Ok("") => Ok(None),
            Ok(text) => Ok(Some(Secret::new(text.to_owned()))),
            Err(kind) => Err(PortError::new(kind, "read")),
        }
    }
}

fn opened(reads: &[Found]) -> (ModelSecret, Book, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::new(Timestamp::from_millis(1_764_000_000_000)));
    let book = Book::with(reads);
    let secret = ModelSecret::new(Box::new(book.clone()), Arc::clone(&clock) as _);
    (secret, book, clock)
}

const ONE: Found = Ok(r#"{"api_key":"sk-one"}"#);
const TWO: Found = Ok(r#"{"api_key":"sk-two","model_primary":"m"}"#);

async fn key(secret: &ModelSecret) -> String {
    secret.key().await.unwrap().reveal().to_owned()
}

#[tokio::test]
async fn it_is_read_once_in_five_minutes() {
    let (secret, book, clock) = opened(&[ONE, TWO]);
    assert_eq!(key(&secret).await, "sk-one");
    clock.advance(Duration::from_secs(299));
    assert_eq!(key(&secret).await, "sk-one");
    assert_eq!(book.reads(), 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(key(&secret).await, "sk-two");
    assert_eq!(secret.now().await.model_primary.as_deref(), Some("m"));
    assert_eq!(book.reads(), 2);
}

#[tokio::test]
async fn a_refusal_reads_it_again_once_in_half_a_minute() {
    let (secret, book, clock) = opened(&[ONE, TWO]);
    assert_eq!(key(&secret).await, "sk-one");
    assert_eq!(secret.reread().await.unwrap().reveal(), "sk-two");
    assert_eq!(secret.reread().await.unwrap().reveal(), "sk-two");
    assert_eq!(book.reads(), 2);
    clock.advance(FORCED_EVERY);
    secret.reread().await.unwrap();
    assert_eq!(book.reads(), 3);
}

#[tokio::test]
async fn what_cannot_be_read_again_stays_and_is_tried_again_soon() {
    for bad in [Err(ErrorKind::Unavailable), Ok("sk-plain"), Ok("[]")] {
        let (secret, book, clock) = opened(&[ONE, bad, TWO]);
        assert_eq!(key(&secret).await, "sk-one");
        clock.advance(KEY_LIFETIME);
        assert_eq!(key(&secret).await, "sk-one");
        clock.advance(AGAIN_AFTER);
        assert_eq!(key(&secret).await, "sk-two");
        assert_eq!(book.reads(), 3);
    }
}

#[tokio::test]
async fn an_empty_key_or_no_version_is_no_key_and_nothing_prints() {
    for none in [Ok(""), Ok(r#"{"api_key":""}"#)] {
        let (secret, _book, _clock) = opened(&[none]);
        assert!(secret.now().await.api_key.is_none());
        assert_eq!(secret.key().await.unwrap_err().kind(), ErrorKind::Invalid);
    }
    let (secret, _book, _clock) = opened(&[ONE]);
    key(&secret).await;
    assert!(!format!("{secret:?}").contains("sk-"));
}
