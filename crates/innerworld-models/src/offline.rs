//! The offline persona: a [`ChatModel`] that needs no network, no key and no model.
//!
//! It answers when no key is set, consent is missing or every provider is down, and never hides
//! what it is. A reply reflects the feeling, asks about at most one remembered fact, and ends with
//! an open question or a small exercise of its persona. Where safety asked for care, it only asks who is
//! there and names the help in the app. All lines were written by people; nothing
//! is advice, promise or invention.

mod act;
mod choose;
mod compose;
mod naming;
mod said;
mod stock;

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use futures_util::stream;
use innerworld_core::{
    conversation::record::{Finish, TurnOrigin},
    model::{
        call::ModelCall,
        chat_model::{ChatModel, ModelError, ModelErrorKind, ModelItem, ModelStream},
    },
    persona::{
        PersonaId,
        card::{OfflineVoice, Persona},
    },
};

/// The name under which it answers.
pub const OFFLINE_MODEL: &str = "offline";

/// The offline voices of all personas.
pub struct OfflinePersona {
    speakers: BTreeMap<PersonaId, Speaker>,
}

/// A persona's display name and its lines.
pub(crate) struct Speaker {
    pub(crate) name: String,
    pub(crate) voice: OfflineVoice,
}

impl OfflinePersona {
    /// Speaks for these personas.
    pub fn new<'a>(personas: impl IntoIterator<Item = &'a Persona>) -> Self {
        let speaker = |persona: &Persona| Speaker {
            name: persona.name.clone(),
            voice: persona.offline.clone(),
        };
        let speakers = personas
            .into_iter()
            .map(|persona| (persona.id.clone(), speaker(persona)))
            .collect();
        Self { speakers }
    }

    /// The whole reply to `call`; the same call gives the same reply. `None` for a persona that
    /// has no voice here.
    pub fn reply(&self, call: &ModelCall) -> Option<String> {
        let speaker = self.speakers.get(&call.persona)?;
        Some(compose::reply(speaker, call))
    }
}

impl fmt::Debug for OfflinePersona {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.speakers.keys()).finish()
    }
}

#[async_trait]
impl ChatModel for OfflinePersona {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        let reply = self
            .reply(&call)
            .ok_or_else(|| ModelError::early(ModelErrorKind::Invalid))?;
        let started = ModelItem::Started {
            generation: None,
            model: OFFLINE_MODEL.to_owned(),
            origin: TurnOrigin::Offline,
            company: String::new(),
        };
        let words: Vec<ModelItem> = std::iter::once(started)
            .chain(
                reply
                    .split_inclusive(' ')
                    .map(|word| ModelItem::Text(word.to_owned())),
            )
            .chain([ModelItem::End(Finish::Stop)])
            .collect();
        // Yields between words, so that a reply never holds a thread for long; pacing is the
        // client's.
        let items = stream::unfold(words.into_iter(), |mut words| async move {
            let word = words.next()?;
            tokio::task::yield_now().await;
            Some((Ok(word), words))
        });
        Ok(Box::pin(items))
    }
}
