//! How long ago somebody checked the list of helpers, and what that means for a start.

use innerworld_core::{
    calendar::day_in,
    clock::Clock as _,
    safety::content::{AgeLimits, Files, ResourceAges, ResourceList},
};
use innerworld_embedded::SystemClock;

use super::{Config, Mistake, runtime::Mode};

const FILE: &str = "resources.json";

/// Adds what keeps a server from starting with this list.
pub(super) fn check(config: &Config, found: &mut Vec<Mistake>) {
    let limits = limits(config);
    if limits.warn_days == 0 || limits.warn_days >= limits.refuse_days {
        let message = "must be at least 1 and less than `safety.resources_refuse_days`";
        found.push(Mistake::of("safety.resources_warn_days", message));
    }
    let ages = ages(config);
    if !ages.refused.is_empty() {
        let message = format!(
            "{FILE}: nobody checked {} for {} days or more: call or open each of them, then set verified_on and verified_by",
            ages.refused.join(", "),
            limits.refuse_days
        );
        found.push(Mistake::of("safety.resources_refuse_days", message));
    }
    if config.runtime.mode == Mode::Production && !ages.unverified.is_empty() {
        let message = format!(
            "{FILE}: nobody has checked {} yet: call or open each of them, then set verified_on and verified_by in a file of your own",
            ages.unverified.join(", ")
        );
        found.push(Mistake::of("safety.dir", message));
    }
}

/// What a start will be refused for, once more days have passed.
pub(super) fn warnings(config: &Config) -> Option<String> {
    let ages = ages(config);
    let (old, limits) = (ages.old.join(", "), limits(config));
    (!ages.old.is_empty()).then(|| {
        format!(
            "{FILE}: nobody checked {old} for {} days or more; from {} days on the server does not start with it",
            limits.warn_days, limits.refuse_days
        )
    })
}

/// The ages as they are configured.
pub(crate) const fn limits(config: &Config) -> AgeLimits {
    AgeLimits {
        warn_days: config.safety.resources_warn_days,
        refuse_days: config.safety.resources_refuse_days,
    }
}

/// A list that cannot be read has no age: that it cannot is said elsewhere.
fn ages(config: &Config) -> ResourceAges {
    let own = config.safety.dir.as_ref().map(|folder| folder.join(FILE));
    let text = own
        .filter(|path| path.is_file())
        .map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let shipped = Files::shipped();
    let text = text.as_deref().or_else(|| shipped.text(FILE));
    let list: Option<ResourceList> = text.and_then(|text| serde_json::from_str(text).ok());
    let today = day_in("UTC", SystemClock.now());
    list.map_or_else(ResourceAges::default, |list| {
        list.ages(today, limits(config))
    })
}
