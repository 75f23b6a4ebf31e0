//! Who can help, and how the list is checked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{super::screen::Category, Area};

/// `resources.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceList {
    /// Version of the list, by date.
    pub version: String,
    /// The entries, in the order in which they are shown.
    pub resources: Vec<Resource>,
}

/// Somebody who can help.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Short name.
    pub id: String,
    /// ISO 3166-1 alpha-2, or `*` for an international directory.
    pub country: String,
    /// Region, if it serves only one.
    pub region: Option<String>,
    /// Display name by language; `en` is required.
    pub name: BTreeMap<String, String>,
    /// A number to call.
    pub call: Option<Call>,
    /// A number to text.
    pub sms: Option<Sms>,
    /// A chat address.
    pub chat: Option<String>,
    /// A web address.
    pub web: Option<String>,
    /// When somebody answers.
    pub hours: String,
    /// In which languages.
    pub languages: Vec<String>,
    /// For whom.
    pub audience: Vec<Audience>,
    /// For what.
    pub categories: Vec<Category>,
    /// For what it is the first to show.
    #[serde(default)]
    pub first_for: Vec<Category>,
    /// Lines that are shown together or not at all.
    pub pair: Option<String>,
    /// When a person checked the operator's own page; never set by a build.
    pub verified_on: Option<Date>,
    /// Who that was.
    pub verified_by: Option<String>,
    /// The operator's page.
    pub source: String,
    /// When the service ends.
    pub expires_on: Option<Date>,
}

/// A number to call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// As people write it.
    pub show: String,
    /// E.164, where `show` is not a short code.
    pub dial: Option<String>,
}

/// A number to text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Short code or E.164.
    pub to: String,
    /// The word to send, by language.
    #[serde(default)]
    pub body: BTreeMap<String, String>,
}

/// For whom a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody.
    All,
    /// Young people.
    Teen,
    /// LGBTQ people.
    Lgbtq,
}

impl Resource {
    /// Its name in a language, else in English.
    pub fn name_in(&self, language: &str) -> &str {
        self.name
            .get(language)
            .or_else(|| self.name.get("en"))
            .map_or("", String::as_str)
    }

    fn check(&self, mistakes: &mut Vec<String>) {
        let mut wrong = |text: String| mistakes.push(format!("{}: {text}", self.id));
        if self.call.is_none() && self.sms.is_none() && self.chat.is_none() && self.web.is_none() {
            wrong("has no channel (call, sms, chat or web)".to_owned());
        }
        for (field, address) in [("chat", &self.chat), ("web", &self.web)] {
            if address.as_ref().is_some_and(|address| !is_https(address)) {
                wrong(format!("{field} must be an https address"));
            }
        }
        if !is_https(&self.source) {
            wrong("source must be an https address of the operator's own page".to_owned());
        }
        if let Some(call) = &self.call
            && !call.is_valid()
        {
            wrong("call.show must be a short code, or call.dial its E.164 form".to_owned());
        }
        if self
            .sms
            .as_ref()
            .is_some_and(|sms| !is_short(&sms.to) && !is_e164(&sms.to))
        {
            wrong("sms.to must be a short code or E.164".to_owned());
        }
        if self
            .name
            .get("en")
            .is_none_or(|name| name.trim().is_empty())
        {
            wrong("name.en is missing".to_owned());
        }
        if self.country != "*" && !is_country(&self.country) {
            wrong("country must be two capital letters or *".to_owned());
        }
        let lists = [
            ("languages", self.languages.is_empty()),
            ("audience", self.audience.is_empty()),
            ("categories", self.categories.is_empty()),
            ("hours", self.hours.trim().is_empty()),
        ];
        for (field, _) in lists.iter().filter(|(_, empty)| *empty) {
            wrong(format!("{field} must not be empty"));
        }
        if self.verified_on.is_some() != self.verified_by.is_some() {
            wrong("verified_on and verified_by belong together".to_owned());
        }
    }
}

impl Call {
    fn is_valid(&self) -> bool {
        match &self.dial {
            None => is_short(&self.show),
            Some(dial) => {
                let shown: String = self.show.chars().filter(char::is_ascii_digit).collect();
                let national = shown.trim_start_matches('0');
                is_e164(dial) && !national.is_empty() && dial.ends_with(national)
            }
        }
    }
}

impl ResourceList {
    /// What is wrong with the list.
    pub(super) fn check(&self, mistakes: &mut Vec<String>) {
        let mut seen = BTreeSet::new();
        for resource in &self.resources {
            if !seen.insert(resource.id.as_str()) {
                mistakes.push(format!("{}: the id is used twice", resource.id));
            }
            resource.check(mistakes);
            let pair = resource.pair.as_ref().map(|pair| {
                let other = self.resources.iter().find(|other| other.id == *pair);
                other.is_some_and(|other| other.pair.as_ref() == Some(&resource.id))
            });
            if pair == Some(false) {
                mistakes.push(format!("{}: its pair does not name it back", resource.id));
            }
        }
        for category in Category::ALL {
            let everywhere = self
                .resources
                .iter()
                .any(|entry| entry.country == "*" && entry.categories.contains(&category));
            if !everywhere {
                mistakes.push(format!(
                    "no resource of country * helps with {}",
                    category.name()
                ));
            }
        }
    }

    /// What the age of the list means on a day.
    pub fn ages(&self, today: Date, limits: AgeLimits) -> ResourceAges {
        let mut ages = ResourceAges::default();
        for entry in &self.resources {
            let Some(verified) = entry.verified_on else {
                ages.unverified.push(entry.id.clone());
                continue;
            };
            let days = today
                .since(verified)
                .map_or(0, |span| span.get_days().max(0));
            let days = u32::try_from(days).unwrap_or(u32::MAX);
            ages.oldest_days = ages.oldest_days.max(days);
            if days >= limits.refuse_days {
                ages.refused.push(entry.id.clone());
            } else if days >= limits.warn_days {
                ages.old.push(entry.id.clone());
            }
        }
        ages
    }

    /// The next day after `today` on which a service ends.
    pub(crate) fn next_end(&self, today: Date) -> Option<Date> {
        let ends = self.resources.iter().filter_map(|entry| entry.expires_on);
        ends.filter(|end| *end > today).min()
    }

    /// Entries for a place and some categories, best first, at most eight, pairs whole.
    pub(crate) fn select(
        &self,
        area: Area<'_>,
        categories: &[Category],
        language: &str,
        today: Date,
    ) -> Vec<&Resource> {
        let fits = |entry: &&Resource| {
            (entry.country == area.country || entry.country == "*")
                && (entry.region.is_none() || entry.region.as_deref() == area.region)
                && entry
                    .categories
                    .iter()
                    .any(|category| categories.contains(category))
                && entry.expires_on.is_none_or(|end| today < end)
        };
        let mut chosen: Vec<&Resource> = self.resources.iter().filter(fits).collect();
        chosen.sort_by_key(|entry| {
            let first = entry
                .first_for
                .iter()
                .any(|category| categories.contains(category));
            let speaks = entry.languages.iter().any(|spoken| spoken == language);
            (entry.country == "*", !speaks, !first)
        });
        // An international directory is the last to be cut.
        while chosen.len() > 8 {
            let last = chosen.iter().rposition(|entry| entry.country != "*");
            chosen.remove(last.unwrap_or(chosen.len() - 1));
        }
        let shown: BTreeSet<&str> = chosen.iter().map(|entry| entry.id.as_str()).collect();
        chosen.retain(|entry| {
            entry
                .pair
                .as_deref()
                .is_none_or(|pair| shown.contains(pair))
        });
        chosen
    }
}

/// Ages of resource entries at which something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeLimits {
    /// Warn from this many days.
    pub warn_days: u32,
    /// Do not start from this many days.
    pub refuse_days: u32,
}

impl Default for AgeLimits {
    fn default() -> Self {
        Self {
            warn_days: 180,
            refuse_days: 400,
        }
    }
}

/// What the age of the resource list means: entries by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceAges {
    /// Nobody checked these: only for development.
    pub unverified: Vec<String>,
    /// Old: warn.
    pub old: Vec<String>,
    /// Too old to start with. A running server goes on showing them.
    pub refused: Vec<String>,
    /// Days since the oldest check.
    pub oldest_days: u32,
}

impl ResourceAges {
    /// Whether a server may start with this list.
    pub fn may_start(&self, production: bool) -> bool {
        self.refused.is_empty() && (!production || self.unverified.is_empty())
    }
}

pub(super) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_https(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| {
        rest.contains('.') && !rest.contains(|letter: char| letter.is_whitespace() || letter == '@')
    })
}

fn is_short(text: &str) -> bool {
    (3..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
