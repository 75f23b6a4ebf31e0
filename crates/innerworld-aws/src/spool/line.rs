//! A change as it lies in the queue: whose it is, and the rest sealed.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::{IdSource, TeenId},
    safety::SafetyCommit,
    seal::{Place, Sealer, decode, encode},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Line {
    v: u32,
    user_id: TeenId,
    sealed: String,
}

/// Seals a change.
pub(super) fn write(
    sealer: &Sealer,
    ids: &dyn IdSource,
    commit: &SafetyCommit,
) -> Result<String, PortError> {
    let plain = Zeroizing::new(encode(commit)?);
    let sealed = sealer.seal(ids, place(commit.teen), &plain)?;
    let line = Line {
        v: VERSION,
        user_id: commit.teen,
        sealed: STANDARD.encode(sealed),
    };
    serde_json::to_string(&line)
        .map_err(|cause| PortError::with_source(ErrorKind::Invalid, "spool a safety change", cause))
}

/// The change, if the bytes are whole.
pub(super) fn read(sealer: &Sealer, body: &str) -> Option<SafetyCommit> {
    let line: Line = serde_json::from_str(body).ok()?;
    if line.v != VERSION {
        return None;
    }
    let sealed = STANDARD.decode(line.sealed).ok()?;
    let plain = sealer.open(place(line.user_id), &sealed).ok()?;
    decode(&Zeroizing::new(plain)).ok()
}

/// A change opens for its own teen only.
const fn place(teen: TeenId) -> Place<'static> {
    Place {
        table: "spool",
        teen,
        row: b"change",
    }
}

#[cfg(test)]
mod tests {
    use innerworld_testkit::{SeededIds, records::Records};

    use super::*;

    #[test]
    fn a_change_is_sealed_for_its_teen() {
        let records = Records::named("a_change_is_sealed_for_its_teen");
        let ids = SeededIds::named("line");
        let sealer = Sealer::new(&[7; 32]).unwrap();
        let (change, other) = (
            records.safety_commit(records.teen(), 0),
            records.teen().to_string(),
        );
        let body = write(&sealer, &ids, &change).unwrap();
        assert_eq!(read(&sealer, &body), Some(change.clone()));
        assert!(!body.contains("crisis"));
        let moved = body.replace(&change.teen.to_string(), &other);
        assert_eq!(read(&sealer, &moved), None);
        assert_eq!(read(&Sealer::new(&[8; 32]).unwrap(), &body), None);
        let later = body.replace("\"v\":1", "\"v\":2");
        for wrong in ["", "{}", later.as_str()] {
            assert_eq!(read(&sealer, wrong), None);
        }
    }
}
