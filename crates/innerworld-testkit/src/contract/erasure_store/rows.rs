//! Clauses on the deletion itself.

use super::{AllPorts, ErrorKind, NOW, Records, TeenId, WHOLE, assert_kind, at, settled};

async fn erase(ports: &AllPorts, teen: TeenId) -> usize {
    let erasure = &ports.erasure;
    erasure.fence(teen, at(60)).await.unwrap();
    erasure.destroy_key(teen).await.unwrap();
    let mut rows = 0;
    loop {
        let gone = erasure.delete_rows(teen, 3).await.unwrap();
        assert!(gone <= 3, "at most 3 rows were to go, {gone} went");
        if gone == 0 {
            break;
        }
        rows += gone;
    }
    erasure.truncate_logs().await.unwrap();
    erasure.bury(teen, at(3_600)).await.unwrap();
    rows
}

/// Steps of at most three rows end with nothing left; the address is free, the teen stays fenced.
pub async fn rows_are_deleted_in_steps(ports: &AllPorts) {
    let records = Records::named("rows_are_deleted_in_steps");
    let teen = settled(ports, &records).await;
    let rows = erase(ports, teen).await;
    assert!(rows >= 12, "a settled teen has more than {rows} rows");
    assert!(ports.erasure.is_fenced(teen).await.unwrap());
    let mut account = records.account(records.teen());
    account.email = records.account(teen).email;
    let credential = records.credential();
    ports.accounts.create(&account, &credential).await.unwrap();
    let late = records.session_write(records.session_id(9), 0);
    assert_kind(ports.graph.write(teen, &late).await, ErrorKind::Denied);
    assert_kind(ports.graph.load(teen, WHOLE).await, ErrorKind::NotFound);
}

/// Every step can run again, from any point.
pub async fn steps_can_be_repeated(ports: &AllPorts) {
    let records = Records::named("steps_can_be_repeated");
    let teen = settled(ports, &records).await;
    ports.erasure.fence(teen, at(60)).await.unwrap();
    ports.erasure.fence(teen, at(61)).await.unwrap();
    ports.erasure.destroy_key(teen).await.unwrap();
    assert!(ports.erasure.delete_rows(teen, 2).await.unwrap() > 0);
    assert!(erase(ports, teen).await > 0);
    assert_eq!(erase(ports, teen).await, 0);
    assert!(ports.erasure.is_fenced(teen).await.unwrap());
}

/// A subject that stored nothing is erased, too, and stays out.
pub async fn an_unknown_teen_can_be_erased(ports: &AllPorts) {
    let records = Records::named("an_unknown_teen_can_be_erased");
    let teen = records.teen();
    assert_eq!(erase(ports, teen).await, 0);
    assert!(ports.erasure.is_fenced(teen).await.unwrap());
    let refused = ports.profiles.put(teen, &records.profile()).await;
    assert_kind(refused, ErrorKind::Denied);
}

/// Erasing one teen changes nothing of another.
pub async fn other_teens_keep_everything(ports: &AllPorts) {
    let records = Records::named("other_teens_keep_everything");
    let teen = settled(ports, &records).await;
    let other = settled(ports, &records).await;
    let graph = ports.graph.load(other, WHOLE).await.unwrap();
    let live = ports
        .live
        .conversations
        .live_session(other, NOW)
        .await
        .unwrap();
    erase(ports, teen).await;
    assert!(!ports.erasure.is_fenced(other).await.unwrap());
    assert_eq!(ports.graph.load(other, WHOLE).await.unwrap(), graph);
    let after = ports.live.conversations.live_session(other, NOW).await;
    assert_eq!(after.unwrap(), live);
    assert!(live.is_some_and(|log| log.turns.len() == 1));
    let account = ports.accounts.by_id(other).await.unwrap();
    assert_eq!(account, Some(records.account(other)));
    assert!(ports.accounts.credential(other).await.unwrap().is_some());
    assert!(ports.profiles.load(other).await.unwrap().is_some());
    assert_eq!(ports.consents.list(other).await.unwrap().len(), 1);
    assert_eq!(
        ports.journal.list(other, None, 9, NOW).await.unwrap().len(),
        1
    );
    assert_eq!(ports.usage.list(other).await.unwrap().len(), 1);
    assert!(ports.live.safety.load(other).await.unwrap().is_some());
    assert!(
        ports
            .live
            .safety
            .counts("2026-11-24", "2026-11-24")
            .await
            .is_ok()
    );
}
