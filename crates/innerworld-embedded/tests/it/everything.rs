//! A teen with a row in every table that can hold one, and a marker in every text.

use std::time::Duration;

use innerworld_core::{
    conversation::{
        record::{EventRecord, NoticeKind, SessionEvent},
        store::Taken,
    },
    identity::{
        account::CodeKind,
        consent::Purpose,
        profile::{DayUse, NoticeClock},
    },
    ids::TeenId,
    memory::ontology::NodeKind,
    safety::SafetyState,
    secret::Redacted,
};
use innerworld_embedded::Embedded;
use innerworld_testkit::records::{NOW, Records, at};

/// What no file may show: it stands for names, addresses, words.
pub(crate) const MARKER: &str = "qzmarkerxv";

/// Stores a teen everywhere, with [`MARKER`] in every text.
pub(crate) async fn settle(embedded: &Embedded, records: &Records) -> TeenId {
    settle_with(embedded, records, MARKER).await
}

/// Stores a teen everywhere, with `text` in every text.
pub(crate) async fn settle_with(embedded: &Embedded, records: &Records, text: &str) -> TeenId {
    let teen = records.teen();
    sign_up(embedded, records, (teen, text)).await;
    agree(embedded, records, (teen, text)).await;
    remember(embedded, records, (teen, text)).await;
    talk(embedded, records, (teen, text)).await;
    teen
}

async fn sign_up(embedded: &Embedded, records: &Records, (teen, text): (TeenId, &str)) {
    let accounts = embedded.accounts();
    let mut account = records.account(teen);
    account.email = format!("{text}-{:x}@example.org", teen.bits()).into();
    let mut credential = records.credential();
    credential.argon2id = Redacted::new(format!("$argon2id${text}"));
    accounts.create(&account, &credential).await.unwrap();
    let code = records.code(CodeKind::SignUp, at(600));
    accounts.put_code(teen, &code).await.unwrap();
    accounts.deny_before(teen, NOW).await.unwrap();
    let grant = records.grant(teen, at(600));
    accounts.put_grant(&grant).await.unwrap();
    sign_in_elsewhere(embedded, records, (teen, text)).await;
    let ticket = records.ticket(teen, at(600));
    embedded.tickets().put(&ticket).await.unwrap();
}

/// What a sign-in at another identity provider leaves.
async fn sign_in_elsewhere(embedded: &Embedded, records: &Records, (teen, text): (TeenId, &str)) {
    let mut grant = records.provider_grant();
    grant.refresh_token = text.to_owned().into();
    let federation = embedded.federation();
    federation.put_grant(teen, &grant).await.unwrap();
    let family = format!("{text}-{:x}", teen.bits());
    federation.link_app(teen, &family).await.unwrap();
    let authorizations = embedded.authorizations();
    let mut request = records.sign_in_request(at(600));
    request.state = text.to_owned().into();
    authorizations
        .put_request(records.hash(), &request, 99, NOW)
        .await
        .unwrap();
    let code = records.authorization_code(teen, at(300));
    authorizations.put_code(&code).await.unwrap();
    let mut revocation = records.revocation(NOW);
    revocation.token = text.to_owned().into();
    embedded.revocations().put(&revocation).await.unwrap();
}

async fn agree(embedded: &Embedded, records: &Records, (teen, text): (TeenId, &str)) {
    let mut profile = records.profile();
    profile.name = Some(text.to_owned().into());
    profile.region = Some(text.to_owned());
    embedded.profiles().put(teen, &profile).await.unwrap();
    let mut consent = records.consent(Purpose::ChatModel, 0);
    text.clone_into(&mut consent.recipient);
    let consents = embedded.consents();
    consents
        .append(teen, &[consent.clone(), consent])
        .await
        .unwrap();
    let used = DayUse {
        used_ms: 60_000,
        ticked_at: NOW,
    };
    let never = DayUse::default().ticked_at;
    let clocks = embedded.clocks();
    clocks.tick(teen, "2026-11-24", never, used).await.unwrap();
    let clock = NoticeClock::default();
    clocks.put_notices(teen, clock).await.unwrap();
}

async fn remember(embedded: &Embedded, records: &Records, (teen, text): (TeenId, &str)) {
    let mut entry = records.journal(NOW);
    entry.text = text.repeat(30).into();
    embedded.journal().put(teen, &entry).await.unwrap();
    let mut usage = records.usage("one", NOW);
    text.clone_into(&mut usage.pseudonym);
    embedded.usage().started(teen, &usage).await.unwrap();

    let session = records.session_id(0);
    let mut write = records.session_write(session, 0);
    let teens_own = write.delta.put_nodes.first().unwrap().id;
    for n in 0..40 {
        let mut node = records.node(NodeKind::Person, &format!("{text} {n}"));
        node.aliases = vec![text.to_owned().into()];
        node.qualifier = Some(text.to_owned().into());
        node.attrs = [("role".to_owned(), text.to_owned().into())].into();
        write.delta.put_edges.push(records.edge(teens_own, node.id));
        write.delta.put_nodes.push(node);
        let mut turn = records.evidence(session, n + 2);
        turn.name = text.to_owned().into();
        turn.text = Some(text.repeat(1 + usize::try_from(n).unwrap()).into());
        turn.fact_words = vec![text.to_owned().into()];
        write.evidence.push(turn);
    }
    for mention in &mut write.mentions.first_mut().unwrap().mentions {
        mention.surface = text.to_owned().into();
        mention.qualifier = Some(text.to_owned().into());
    }
    write.suppressions = vec![records.suppression()];
    write.digest.text = text.repeat(100).into();
    embedded.graph().write(teen, &write).await.unwrap();
}

async fn talk(embedded: &Embedded, records: &Records, (teen, text): (TeenId, &str)) {
    let store = embedded.conversations();
    let session = records.session(teen);
    let event = SessionEvent::Notice {
        kind: NoticeKind::Break,
        text: text.to_owned(),
        version: "1".to_owned(),
    };
    let events = [EventRecord { seq: 1, event }];
    store.open_session(&session, &events).await.unwrap();
    for n in 0..10 {
        let mut turn = records.turn(&session, 2 * n, 2 + n);
        let message = turn.message.as_mut().unwrap();
        message.text = text.repeat(20).into();
        message.prompt_text = text.repeat(20).into();
        let accept = records.accept(teen, &turn);
        store.accept(accept, at(20)).await.unwrap();
        turn.answer = text.repeat(30).into();
        store
            .update_turn(teen, &turn, Taken::NOTHING)
            .await
            .unwrap();
    }
    let mut change = records.safety_commit(teen, 0);
    change.record.state = SafetyState::Normal;
    embedded.safety().commit(&change, NOW).await.unwrap();
    let job = records.remember(teen, session.id, NOW.plus(Duration::from_secs(60)));
    embedded.jobs().enqueue(&job).await.unwrap();
}
