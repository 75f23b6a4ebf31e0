//! The list of helpers of a running server: services that ended go, its age is told, and nothing is
//! dropped for its age.

use innerworld_core::calendar::day_in;

use crate::app::App;

/// Days of the list while nobody has checked any entry.
const NEVER: i64 = -1;

/// When somebody was last told.
#[derive(Debug, Default)]
pub(crate) struct Helpers {
    told_on: Option<String>,
}

impl Helpers {
    /// Looks at the list; an old one is told once a day.
    pub(crate) fn look(&mut self, app: &App) {
        let today = day_in("UTC", app.now());
        let safeguards = app.safeguards();
        safeguards.desk.renew(today);
        let list = &safeguards.desk.content().resources;
        let ages = list.ages(today, app.settings.resource_ages);
        let checked = ages.unverified.len() < list.resources.len();
        let days = if checked {
            i64::from(ages.oldest_days)
        } else {
            NEVER
        };
        app.metrics.resources_age_days.set(days);
        let today = today.to_string();
        if self.told_on.as_ref() == Some(&today) {
            return;
        }
        self.told_on = Some(today);
        if !ages.refused.is_empty() {
            tracing::error!(
                days = ages.oldest_days,
                entries = ages.refused.join(", "),
                "helpers that nobody checked for too long are still shown; a restart would be refused"
            );
        } else if !ages.old.is_empty() {
            tracing::warn!(
                days = ages.oldest_days,
                entries = ages.old.join(", "),
                "helpers should be checked again"
            );
        }
    }
}
