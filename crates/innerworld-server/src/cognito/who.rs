//! Who a call is about: somebody known, or somebody who must look the same.

use innerworld_core::{
    identity::{account::Account, email},
    ids::TeenId,
};

use super::{Cognito, fault::Fault};

/// What is shown of a destination if a call names a subject: an address would tell that there is
/// such an account, and whose it is.
const HIDDEN: &str = "***";

/// The one a call names by address or subject.
pub(super) struct Who {
    /// Under which name tries are counted: the same for an address and for the subject that stands
    /// for it, whether or not there is such an account.
    pub(super) counted: String,
    /// What may be shown of where mail goes.
    pub(super) shown: String,
    /// The account's subject; somebody unknown has one too, always the same.
    pub(super) subject: TeenId,
    /// The account.
    pub(super) account: Option<Account>,
}

impl Cognito {
    /// Finds out whom `username` means.
    pub(super) async fn who(&self, username: &str) -> Result<Who, Fault> {
        if let Ok(teen) = TeenId::from_verified_subject(username) {
            let account = self.ports.accounts.by_id(teen).await?;
            let counted = account
                .as_ref()
                .map_or(teen, |account| self.derived.subject(account.handle()));
            return Ok(Who {
                counted: counted.to_string(),
                shown: HIDDEN.to_owned(),
                subject: teen,
                account,
            });
        }
        let (name, account) = match email::normalise(username) {
            Some(name) => {
                let account = self.ports.accounts.by_email(&name).await?;
                (name, account)
            }
            None => (username.chars().take(email::MAX_BYTES).collect(), None),
        };
        let stranger = self.derived.subject(&name);
        Ok(Who {
            counted: stranger.to_string(),
            shown: email::mask(&name),
            subject: account.as_ref().map_or(stranger, |account| account.teen),
            account,
        })
    }
}
