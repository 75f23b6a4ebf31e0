//! Every adapter and every decorator passes the contract of `ChatModel`; wrong ones fail it.

mod wrong;

use std::sync::Arc;

use innerworld_core::{
    conversation::record::Finish,
    model::chat_model::{ChatModel, ModelErrorKind, ModelItem},
    persona::directory::PersonaDirectory,
};
use innerworld_models::{
    breaker::{Breaker, Circuit},
    config::{BreakerLimits, Clocks, RetryLimits},
    consent_gate::{ConsentGate, ConsentVersions},
    fallback::{Fallback, Hop, REPLY_BUDGET},
    metered::{Meter, Metered, MeteredHop},
    offline::OfflinePersona,
    retry::{Retry, RetryBucket},
    spend_gate::{Price, Spend, SpendGate},
};
use innerworld_testkit::{
    chat_model_contract,
    chat_model_contract::{Behaviour, Subject},
    hostile_upstream::{HostileUpstream, Wire, scripts},
    scripted_model::{ScriptedModel, ScriptedReply, Step},
};

use crate::support::{self, COMPANY, Consents, CountingIds, Ledger};

const WORDS: &str = "Hello there, good to see you.";

/// The client over a real socket.
async fn client(behaviour: Behaviour) -> Subject {
    let script = match behaviour {
        Behaviour::Answers => Wire::good().chunked(),
        Behaviour::SaysNothing => Wire::new().finish("stop").done().chunked(),
        Behaviour::FailsEarly => scripts::h13_unavailable(),
        Behaviour::BreaksOff => scripts::h12_fails_after_text(),
        Behaviour::Hangs => scripts::h11_silent_after_text(),
    };
    let upstream = HostileUpstream::start([script]).await;
    let model = support::client(&support::provider(&upstream.base_url()));
    Subject {
        model: Arc::new(model),
        open: Box::new(move || upstream.open()),
    }
}

/// The scripted model, also the source of every decorator below.
fn source(behaviour: Behaviour) -> Arc<ScriptedModel> {
    let end = Step::Item(ModelItem::End(Finish::Stop));
    Arc::new(ScriptedModel::new([match behaviour {
        Behaviour::Answers => ScriptedReply::text(WORDS),
        Behaviour::SaysNothing => ScriptedReply::steps([end]),
        Behaviour::FailsEarly => ScriptedReply::refusing(ModelErrorKind::Unavailable),
        Behaviour::BreaksOff => ScriptedReply::breaking_after(WORDS, ModelErrorKind::Unavailable),
        Behaviour::Hangs => ScriptedReply::hanging_after(WORDS),
    }]))
}

fn subject(source: Arc<ScriptedModel>, model: impl ChatModel + 'static) -> Subject {
    Subject {
        model: Arc::new(model),
        open: Box::new(move || source.open_streams()),
    }
}

/// A decorator hides nothing, so a source that breaks the contract ("ends without a word") is not
/// put behind one that only watches.
fn honest(behaviour: Behaviour) -> Arc<ScriptedModel> {
    match behaviour {
        Behaviour::SaysNothing => source(Behaviour::FailsEarly),
        other => source(other),
    }
}

async fn scripted(behaviour: Behaviour) -> Subject {
    let source = honest(behaviour);
    Subject {
        model: Arc::clone(&source) as Arc<dyn ChatModel>,
        open: Box::new(move || source.open_streams()),
    }
}

async fn retry(behaviour: Behaviour) -> Subject {
    let source = honest(behaviour);
    let model = Retry::new(
        Arc::clone(&source) as Arc<dyn ChatModel>,
        RetryLimits {
            min_delay: std::time::Duration::from_millis(1),
            max_delay: std::time::Duration::from_millis(2),
            ..RetryLimits::default()
        },
        Clocks::default().first_token,
        Arc::new(RetryBucket::new()),
        Arc::new(CountingIds::default()),
    );
    subject(source, model)
}

async fn breaker(behaviour: Behaviour) -> Subject {
    let source = honest(behaviour);
    let circuit = Arc::new(Circuit::new("test", BreakerLimits::default()));
    let model = Breaker::new(Arc::clone(&source) as Arc<dyn ChatModel>, circuit);
    subject(source, model)
}

async fn consent_gate(behaviour: Behaviour) -> Subject {
    let source = honest(behaviour);
    let versions = ConsentVersions {
        chat_model: "1".to_owned(),
        ..ConsentVersions::default()
    };
    let inner = Arc::clone(&source) as Arc<dyn ChatModel>;
    let model = ConsentGate::new(inner, Consents::granted(), COMPANY, versions);
    subject(source, model)
}

async fn spend_gate(behaviour: Behaviour) -> Subject {
    let source = honest(behaviour);
    let clock = Arc::new(support::StillClock);
    let spend = Arc::new(Spend::new(Price::default(), u64::MAX, clock));
    let model = SpendGate::new(Arc::clone(&source) as Arc<dyn ChatModel>, spend);
    subject(source, model)
}

async fn metered(behaviour: Behaviour) -> Subject {
    let source = honest(behaviour);
    let ports = support::ports(
        &Arc::new(Ledger::default()),
        &Consents::granted(),
        &Arc::new(ScriptedModel::saying("")),
    );
    let meter = Meter {
        ledger: ports.ledger,
        clock: ports.clock,
        pseudonyms: ports.pseudonyms,
        tasks: tokio_util::task::TaskTracker::new(),
    };
    let hop = MeteredHop {
        provider: "test".to_owned(),
        base_host: "test.invalid".to_owned(),
        model: "test/primary".to_owned(),
        flags: String::new(),
        consent_versions: ConsentVersions::default(),
    };
    let model = Metered::new(Arc::clone(&source) as Arc<dyn ChatModel>, meter, hop);
    subject(source, model)
}

async fn fallback(behaviour: Behaviour) -> Subject {
    let source = source(behaviour);
    let hop = Hop {
        model: Arc::clone(&source) as Arc<dyn ChatModel>,
        name: "test".to_owned(),
    };
    let offline: Arc<dyn ChatModel> = Arc::new(ScriptedModel::saying("I am here."));
    subject(
        source,
        Fallback::new(vec![hop], Some(offline), REPLY_BUDGET),
    )
}

/// All decorators together, over a real socket.
async fn chain(behaviour: Behaviour) -> Subject {
    let script = match behaviour {
        Behaviour::Answers => Wire::good().chunked(),
        Behaviour::SaysNothing => Wire::new().finish("stop").done().chunked(),
        Behaviour::FailsEarly => scripts::h13_unavailable(),
        Behaviour::BreaksOff => scripts::h12_fails_after_text(),
        Behaviour::Hangs => scripts::h11_silent_after_text(),
    };
    let bench = support::Bench::new([script]).await;
    Subject {
        model: Arc::clone(&bench.chain.model),
        open: Box::new(move || bench.upstream.open()),
    }
}

/// It has no source that could fail: every call is answered.
async fn offline(_behaviour: Behaviour) -> Subject {
    let personas = PersonaDirectory::shipped().unwrap();
    Subject {
        model: Arc::new(OfflinePersona::new(personas.all())),
        open: Box::new(|| 0),
    }
}

chat_model_contract!(of_the_offline_persona, super::offline);
chat_model_contract!(of_the_client, super::client);
chat_model_contract!(of_the_scripted_model, super::scripted);
chat_model_contract!(of_retry, super::retry);
chat_model_contract!(of_the_breaker, super::breaker);
chat_model_contract!(of_the_consent_gate, super::consent_gate);
chat_model_contract!(of_metered, super::metered);
chat_model_contract!(of_the_spend_gate, super::spend_gate);
chat_model_contract!(of_fallback, super::fallback);
chat_model_contract!(of_the_chain, super::chain);
