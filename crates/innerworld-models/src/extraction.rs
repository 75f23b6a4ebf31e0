//! Reads ended sessions by a paid model: the calls, what is tried when one fails, and when to stop.
//!
//! Each hop is the whole stack of a reply's hop (consent, ledger, breaker, retries, client); what an
//! answer is worth is decided in core. Nothing here logs or keeps a word of either side.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{
    StreamExt as _,
    future::{BoxFuture, join, try_join_all},
};
use innerworld_core::{
    clock::Clock,
    conversation::record::Finish,
    ids::{CallId, IdSource, TurnId},
    memory::model_tier::{
        ANSWER_TOKENS,
        excerpt::Excerpt,
        patch::{ModelPatch, add_drops},
        prompt,
        reader::{ReadFailure, ReadOrder, ReadOutcome, ReadReport, SessionReader},
        schema,
        validate::{self, Checked, Fault},
    },
    model::{
        call::{CallPurpose, JsonAnswer, LocalHints, ModelCall, Prompt, RemoteText},
        chat_model::{ModelError, ModelErrorKind, ModelItem},
    },
};
use tokio::time::timeout;

use crate::{
    config::{Clocks, ProviderLimits, RetryLimits},
    fallback::Hop,
};

/// How long a session may take, whatever the provider does.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// Most calls for one session.
const MOST_CALLS: u32 = 10;
/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The clocks and retries of extraction: nobody waits for a first word, and a provider that asks to
/// come back in a few seconds is obeyed.
#[must_use]
pub fn patient(limits: &ProviderLimits) -> ProviderLimits {
    ProviderLimits {
        clocks: Clocks {
            headers: Duration::from_secs(15),
            first_token: Duration::from_secs(25),
            total: Duration::from_secs(40),
            ..limits.clocks
        },
        retry: RetryLimits {
            obey: Duration::from_secs(15),
            ..limits.retry
        },
        ..limits.clone()
    }
}

/// What the reader needs.
pub struct ExtractionModel {
    /// The model to ask, and the one to ask when it fails.
    pub hops: Vec<Hop>,
    /// The company that receives a session.
    pub company: String,
    /// Most tokens of an answer, at most [`ANSWER_TOKENS`].
    pub max_tokens: u32,
    /// How long a session may take; see [`DEADLINE`].
    pub deadline: Duration,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Ids of calls.
    pub ids: Arc<dyn IdSource>,
}

impl std::fmt::Debug for ExtractionModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.hops).finish()
    }
}

/// Reads sessions by the models of one company.
pub struct Extraction {
    model: ExtractionModel,
    version: String,
}

impl Extraction {
    /// A reader over `model`; its version names the prompt and the first model.
    pub fn new(model: ExtractionModel) -> Self {
        let first = model.hops.first().map_or("", |hop| hop.name.as_str());
        Self {
            version: format!("{} {first}", prompt::VERSION),
            model,
        }
    }
}

impl std::fmt::Debug for Extraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Extraction({})", self.version)
    }
}

#[async_trait]
impl SessionReader for Extraction {
    fn version(&self) -> &str {
        &self.version
    }

    fn company(&self) -> &str {
        &self.model.company
    }

    async fn read(&self, order: ReadOrder) -> ReadOutcome {
        let run = Run {
            model: &self.model,
            order: &order,
            report: Mutex::default(),
        };
        let result = timeout(self.model.deadline, run.session()).await;
        ReadOutcome {
            result: result.unwrap_or(Err(ReadFailure::Timeout)),
            report: run
                .report
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// What came back.
struct Answer {
    text: String,
    /// The provider says that it broke off.
    cut: bool,
}

/// One session being read.
struct Run<'a> {
    model: &'a ExtractionModel,
    order: &'a ReadOrder,
    report: Mutex<ReadReport>,
}

impl Run<'_> {
    /// All parts, or nothing: half a session read is not the session.
    async fn session(&self) -> Result<ModelPatch, ReadFailure> {
        let parts = self.order.parts.iter().map(|part| self.part(part, true));
        let mut whole = ModelPatch::default();
        for patch in try_join_all(parts).await? {
            whole.absorb(patch);
        }
        Ok(whole)
    }

    /// One part: the first model, then the next one.
    fn part<'s>(
        &'s self,
        excerpt: &'s Excerpt,
        may_split: bool,
    ) -> BoxFuture<'s, Result<ModelPatch, ReadFailure>> {
        Box::pin(async move {
            let mut last = ReadFailure::Unavailable;
            for (at, hop) in self.model.hops.iter().enumerate() {
                if at > 0 {
                    self.report().fallbacks += 1;
                }
                match self.hop(at, hop, (excerpt, may_split)).await {
                    Err(failure @ (ReadFailure::NoConsent | ReadFailure::Refused)) => {
                        return Err(failure);
                    }
                    Err(failure) => last = failure,
                    done @ Ok(_) => return done,
                }
            }
            Err(last)
        })
    }

    /// One model: a call, and on the first model a second one with the validator's complaints.
    async fn hop(
        &self,
        at: usize,
        hop: &Hop,
        (excerpt, may_split): (&Excerpt, bool),
    ) -> Result<ModelPatch, ReadFailure> {
        let mut repair: Option<String> = None;
        loop {
            let answer = self.ask(at, hop, (excerpt, repair.as_deref())).await?;
            let checked = validate::check(excerpt, &answer.text);
            add_drops(&mut self.report().drops, &checked.drops);
            let whole = checked.result.is_ok() && checked.complete;
            if !whole && (answer.cut || !checked.complete) {
                return self.after_cut(excerpt, checked, may_split && at == 0).await;
            }
            match checked.result {
                Ok(patch) => return Ok(patch),
                Err(Fault::Refused) => return Err(ReadFailure::Refused),
                Err(_) if at == 0 && repair.is_none() => {
                    self.report().repairs += 1;
                    repair = Some(checked.repair);
                }
                Err(_) => return Err(ReadFailure::Unusable),
            }
        }
    }

    /// An answer broke off: both halves of the part are read by themselves; where neither can be,
    /// what was complete counts. It never means that nothing was found.
    async fn after_cut(
        &self,
        excerpt: &Excerpt,
        checked: Checked,
        may_split: bool,
    ) -> Result<ModelPatch, ReadFailure> {
        let salvaged = checked.result.unwrap_or_default();
        let halves = if may_split { excerpt.split() } else { None };
        let found = match halves {
            None => salvaged,
            Some((first, second)) => {
                self.report().splits += 1;
                let halves = join(self.part(&first, false), self.part(&second, false)).await;
                match halves {
                    (Ok(mut first), Ok(second)) => {
                        first.absorb(second);
                        return Ok(first);
                    }
                    (Ok(half), Err(_)) | (Err(_), Ok(half)) => half,
                    (Err(_), Err(_)) => salvaged,
                }
            }
        };
        if found.is_empty() {
            Err(ReadFailure::Unusable)
        } else {
            Ok(found)
        }
    }

    async fn ask(
        &self,
        at: usize,
        hop: &Hop,
        (excerpt, repair): (&Excerpt, Option<&str>),
    ) -> Result<Answer, ReadFailure> {
        {
            let mut report = self.report();
            if report.calls >= MOST_CALLS {
                return Err(ReadFailure::Unusable);
            }
            report.calls += 1;
        }
        let first = self.model.hops.first().filter(|_| at > 0);
        let call = ModelCall {
            fallback_from: first.map(|hop| hop.name.clone()),
            ..self.call(excerpt, repair)
        };
        let mut stream = hop
            .model
            .stream(call)
            .await
            .map_err(|error| failure(&error))?;
        let mut answer = Answer {
            text: String::new(),
            cut: false,
        };
        while let Some(item) = stream.next().await {
            match item {
                Ok(ModelItem::Text(text)) => {
                    answer.text.push_str(&text);
                    if answer.text.len() > MAX_ANSWER_BYTES {
                        answer.cut = true;
                        break;
                    }
                }
                Ok(ModelItem::End(finish)) => answer.cut = finish == Finish::Length,
                Ok(_) => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        Ok(answer)
    }

    fn call(&self, excerpt: &Excerpt, repair: Option<&str>) -> ModelCall {
        let now = self.model.clock.now();
        let scrubbed = |text: String| RemoteText::from_scrubbed_record(&text.into());
        ModelCall {
            id: CallId::from_bits(self.model.ids.ulid(now)),
            purpose: CallPurpose::Extraction,
            teen: self.order.teen,
            // Filled in by the metering decorator, which holds the key.
            pseudonym: String::new(),
            session: self.order.session,
            // It belongs to no message.
            turn: TurnId::from_bits(0),
            persona: self.order.persona.clone(),
            prompt: Prompt {
                system: RemoteText::authored(prompt::SYSTEM),
                digest: None,
                opening: RemoteText::authored(""),
                history: Vec::new(),
                recalled: None,
                support: repair.map(|text| scrubbed(text.to_owned())),
                message: scrubbed(prompt::data(excerpt)),
                version: format!("extraction-{}", prompt::VERSION),
            },
            json: Some(JsonAnswer {
                name: schema::NAME,
                schema: schema::TEXT,
            }),
            max_tokens: self.model.max_tokens.min(ANSWER_TOKENS),
            temperature: 0.0,
            fallback_from: None,
            local: LocalHints::default(),
        }
    }

    fn report(&self) -> MutexGuard<'_, ReadReport> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const fn failure(error: &ModelError) -> ReadFailure {
    match error.kind {
        ModelErrorKind::NoConsent => ReadFailure::NoConsent,
        ModelErrorKind::Refused => ReadFailure::Refused,
        ModelErrorKind::Budget => ReadFailure::Limit,
        // An answer without text.
        ModelErrorKind::Truncated => ReadFailure::Unusable,
        _ => ReadFailure::Unavailable,
    }
}
