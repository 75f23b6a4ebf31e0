//! Streams written as plain async code.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_util::stream;
use innerworld_core::model::{
    call::ModelCall,
    chat_model::{ChatModel, ModelError, ModelItem, ModelStream},
};
use tokio::sync::mpsc;

type Item = Result<ModelItem, ModelError>;

/// Where a producer puts its items.
pub(crate) struct Outlet(mpsc::Sender<Item>);

impl Outlet {
    /// Yields `item` and waits until the reader has taken the one before.
    pub(crate) async fn item(&self, item: ModelItem) {
        self.put(Ok(item)).await;
    }

    /// Yields `error`, the last thing a stream yields.
    pub(crate) async fn error(&self, error: ModelError) {
        self.put(Err(error)).await;
    }

    /// Yields an item of another stream unchanged.
    pub(crate) async fn put(&self, item: Item) {
        // It fails only when the reader is gone, and then this future is never polled again.
        self.0.send(item).await.ok();
    }
}

/// A stream of what `body` puts into its outlet. The body runs only while the stream is polled, so
/// dropping the stream drops everything the body holds.
pub(crate) fn produce<F, B>(body: F) -> ModelStream
where
    F: FnOnce(Outlet) -> B,
    B: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(1);
    Box::pin(Produced {
        body: Some(Box::pin(body(Outlet(sender)))),
        receiver,
    })
}

struct Produced {
    body: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    receiver: mpsc::Receiver<Item>,
}

impl Stream for Produced {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        let this = self.get_mut();
        if let Poll::Ready(item) = this.receiver.poll_recv(context) {
            return Poll::Ready(item);
        }
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        if body.as_mut().poll(context).is_ready() {
            // Frees what the body held (the connection) before the last items are read.
            this.body = None;
        }
        this.receiver.poll_recv(context)
    }
}

/// Opens `model`; a refusal becomes the first and last item, so that callers handle one shape.
pub(crate) async fn open(model: &dyn ChatModel, call: ModelCall) -> ModelStream {
    match model.stream(call).await {
        Ok(stream) => stream,
        Err(error) => Box::pin(stream::once(std::future::ready(Err(error)))),
    }
}
