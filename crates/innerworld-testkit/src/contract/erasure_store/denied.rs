//! Clauses on what a fence and a destroyed key refuse.

use innerworld_core::identity::profile::DayUse;

use super::{
    AllPorts, ErrorKind, NOW, NoticeClock, Purpose, Records, WHOLE, assert_kind, at, settled,
};

/// Nobody is being erased.
pub async fn nobody_is_fenced_at_first(ports: &AllPorts) {
    let records = Records::named("nobody_is_fenced_at_first");
    assert!(!ports.erasure.is_fenced(records.teen()).await.unwrap());
    let teen = settled(ports, &records).await;
    assert!(!ports.erasure.is_fenced(teen).await.unwrap());
}

/// From the fence on every write is refused, also where the teen had no row yet.
pub async fn writes_of_a_fenced_teen_are_denied(ports: &AllPorts) {
    let records = Records::named("writes_of_a_fenced_teen_are_denied");
    for teen in [settled(ports, &records).await, records.teen()] {
        ports.erasure.fence(teen, at(60)).await.unwrap();
        assert!(ports.erasure.is_fenced(teen).await.unwrap());
        denies_identity(ports, &records, teen).await;
        denies_talk(ports, &records, teen).await;
        denies_memory(ports, &records, teen).await;
    }
}

async fn denies_identity(ports: &AllPorts, records: &Records, teen: super::TeenId) {
    let denied = ErrorKind::Denied;
    let account = records.account(teen);
    let credential = records.credential();
    assert_kind(ports.accounts.create(&account, &credential).await, denied);
    assert_kind(
        ports.accounts.put_credential(teen, &credential).await,
        denied,
    );
    let grant = records.grant(teen, at(600));
    assert_kind(ports.accounts.put_grant(&grant).await, denied);
    assert_kind(ports.profiles.put(teen, &records.profile()).await, denied);
    let consent = [records.consent(Purpose::Terms, 0)];
    assert_kind(ports.consents.append(teen, &consent).await, denied);
    let clock = NoticeClock::default();
    assert_kind(ports.clocks.put_notices(teen, clock).await, denied);
    let used = DayUse {
        used_ms: 1,
        ticked_at: NOW,
    };
    let never = DayUse::default().ticked_at;
    let ticked = ports.clocks.tick(teen, "2026-11-24", never, used).await;
    assert_kind(ticked, denied);
    let ticket = records.ticket(teen, at(90));
    assert_kind(ports.tickets.put(&ticket).await, denied);
}

async fn denies_talk(ports: &AllPorts, records: &Records, teen: super::TeenId) {
    let denied = ErrorKind::Denied;
    let session = records.session(teen);
    let store = &ports.live.conversations;
    assert_kind(store.open_session(&session, &[]).await, denied);
    let turn = records.turn(&session, 0, 2);
    let accepted = store.accept(records.accept(teen, &turn), at(61)).await;
    assert_kind(accepted, denied);
    let change = records.safety_commit(teen, 1);
    assert_kind(ports.live.safety.commit(&change, at(61)).await, denied);
    let job = records.remember(teen, session.id, at(61));
    assert_kind(ports.live.jobs.enqueue(&job).await, denied);
}

async fn denies_memory(ports: &AllPorts, records: &Records, teen: super::TeenId) {
    let denied = ErrorKind::Denied;
    assert_kind(ports.journal.put(teen, &records.journal(NOW)).await, denied);
    let write = records.session_write(records.session_id(9), 1);
    assert_kind(ports.graph.write(teen, &write).await, denied);
    let record = records.usage("one", NOW);
    assert_kind(ports.usage.started(teen, &record).await, denied);
}

/// Once the key is gone no read gives anything, though the rows are still there.
pub async fn reads_after_the_key_is_gone_are_not_found(ports: &AllPorts) {
    let records = Records::named("reads_after_the_key_is_gone_are_not_found");
    let teen = settled(ports, &records).await;
    ports.erasure.fence(teen, at(60)).await.unwrap();
    ports.erasure.destroy_key(teen).await.unwrap();
    let gone = ErrorKind::NotFound;
    assert_kind(ports.live.conversations.live_session(teen, NOW).await, gone);
    let session = records.session_id(0);
    let read = ports.live.conversations.session(teen, session, NOW).await;
    assert_kind(read, gone);
    assert_kind(ports.live.safety.load(teen).await, gone);
    assert_kind(ports.journal.list(teen, None, 10, NOW).await, gone);
    assert_kind(ports.graph.load(teen, WHOLE).await, gone);
    assert_kind(ports.graph.generation(teen).await, gone);
    assert_kind(ports.graph.mention_lists(teen).await, gone);
    assert_kind(ports.graph.suppressions(teen).await, gone);
    assert_kind(ports.profiles.load(teen).await, gone);
    assert_kind(ports.consents.list(teen).await, gone);
    assert_kind(ports.usage.list(teen).await, gone);
    assert_kind(ports.namers.namer(teen).await, gone);
    // Somebody who signs in with the address meets an unknown account, not an error.
    let account = ports.accounts.by_id(teen).await.unwrap();
    assert_eq!(account, None);
    let email = records.account(teen).email;
    let account = ports.accounts.by_email(email.reveal()).await.unwrap();
    assert_eq!(account, None);
}
