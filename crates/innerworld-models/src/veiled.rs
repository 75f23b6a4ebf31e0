//! A call without the names that a provider is not told, and its answer with them.

use futures_util::StreamExt as _;
use innerworld_core::model::{
    call::ModelCall,
    chat_model::{ModelItem, ModelStream},
    veil::{Lifting, PrivateNames, Veil},
};

use crate::produce::produce;

/// `call` as it may leave, and what gives the answer its names back.
pub(crate) fn veiled(call: ModelCall, names: &dyn PrivateNames) -> (ModelCall, Veil) {
    let (prompt, veil) = Veil::over(&call.prompt, names);
    (ModelCall { prompt, ..call }, veil)
}

/// `answer` with the names in place of their placeholders. A piece that may end inside one is held
/// back until the next comes.
pub(crate) fn lifted(mut answer: ModelStream, veil: Veil) -> ModelStream {
    if veil.is_empty() {
        return answer;
    }
    produce(|out| async move {
        let mut lifting = Lifting::new(&veil);
        while let Some(item) = answer.next().await {
            let text = match &item {
                Ok(ModelItem::Text(piece)) => lifting.push(piece),
                Ok(ModelItem::End(_)) | Err(_) => lifting.finish(),
                Ok(_) => String::new(),
            };
            if !text.is_empty() {
                out.item(ModelItem::Text(text)).await;
            }
            if !matches!(item, Ok(ModelItem::Text(_))) {
                out.put(item).await;
            }
        }
        let rest = lifting.finish();
        if !rest.is_empty() {
            out.item(ModelItem::Text(rest)).await;
        }
    })
}
