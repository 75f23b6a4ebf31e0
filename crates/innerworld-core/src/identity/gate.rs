//! The gate before every socket: profile complete, terms agreed to, account open.

use super::{
    consent::{ConsentRecord, ConsentStore, Purpose, granted},
    consents::Catalogue,
    profile::{AgeBand, Profile, ProfileStore},
};
use crate::{clock::Timestamp, error::PortError, ids::TeenId};

/// Where a teen stands before the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything is complete; the band at this instant.
    Active(AgeBand),
    /// Age and settings are missing.
    ProfileIncomplete,
    /// The terms in their present text were not agreed to.
    ConsentRequired,
    /// The account is suspended, or is being erased.
    Closed,
}

/// Decides what a teen may do beyond `/v1/me*`.
pub fn standing(
    closed: bool,
    profile: Option<&Profile>,
    consents: &[ConsentRecord],
    catalogue: &Catalogue,
    now: Timestamp,
) -> Standing {
    if closed {
        return Standing::Closed;
    }
    let Some(profile) = profile else {
        return Standing::ProfileIncomplete;
    };
    let version = catalogue.version(Purpose::Terms);
    if granted(consents, Purpose::Terms, "", version).is_none() {
        return Standing::ConsentRequired;
    }
    Standing::Active(profile.band_at(now))
}

/// Decides by what is stored, for a teen whose token holds: whoever is being erased, or was suspended,
/// has none that does.
pub async fn standing_of(
    teen: TeenId,
    (profiles, consents): (&dyn ProfileStore, &dyn ConsentStore),
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Standing, PortError> {
    let profile = profiles.load(teen).await?;
    let consents = match profile {
        None => Vec::new(),
        Some(_) => consents.list(teen).await?,
    };
    Ok(standing(false, profile.as_ref(), &consents, catalogue, now))
}
