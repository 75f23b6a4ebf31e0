//! The data files of the safety side: read, checked as a whole, never half used.
//!
//! A server without these files must not serve (they are required by law before anybody talks), so
//! reading them either gives everything or a list of every mistake in every file.

mod files;
mod jurisdictions;
mod reading;
mod resources;
mod texts;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

pub use files::Files;
use jiff::civil::Date;
pub use jurisdictions::Jurisdiction;
pub use reading::{MAX_READING_AGE, reading_age};
pub use resources::{AgeLimits, Audience, Call, Resource, ResourceAges, ResourceList, Sms};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
pub use texts::{CrisisText, Grounding, Journaling, Notices, Texts, TrustedAdult};

use super::{
    frames::{FrameBook, MAX_FRAME_BYTES},
    rules::{Categories, Rules},
};

/// Languages that every text exists in; the first is the fallback.
pub const LANGUAGES: [&str; 2] = ["en", "es"];

/// A country and, where it matters, a region of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area<'a> {
    /// ISO 3166-1 alpha-2; `*` for everywhere.
    pub country: &'a str,
    /// `CA`.
    pub region: Option<&'a str>,
}

/// A mistake in a data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, where the format tells it.
    pub line: Option<usize>,
    /// What is wrong, as a sentence.
    pub text: String,
}

/// Data files that may not be used, with everything that is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadContent {
    /// All mistakes.
    pub mistakes: Vec<Mistake>,
}

impl fmt::Display for BadContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the safety files cannot be used:")?;
        for mistake in &self.mistakes {
            match mistake.line {
                Some(line) => write!(f, "\n  {}:{line}: {}", mistake.file, mistake.text)?,
                None => write!(f, "\n  {}: {}", mistake.file, mistake.text)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for BadContent {}

/// A disclosure of one language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosureText {
    /// Which.
    pub id: String,
    /// Version; a new one asks for a new acknowledgement.
    pub version: String,
    /// Whether it must be acknowledged before a persona is chosen.
    pub ack_required: bool,
    /// The text.
    pub text: String,
    /// That companions may be unsuitable for some minors.
    pub unsuitable_notice: String,
}

/// Who reviewed the protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClinicalReview {
    /// Name and licence.
    pub by: String,
    /// The day.
    pub on: Date,
    /// The `protocol_version` that was reviewed.
    pub version: String,
}

/// `protocol.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Title.
    pub title: String,
    /// Version in words, for people.
    pub version: String,
    /// What it does, for people.
    pub summary: String,
    /// Its numbers.
    pub rules: Rules,
    /// Its category table.
    pub categories: Categories,
}

/// All data files, checked.
#[derive(Clone, Debug)]
pub struct Content {
    /// The protocol.
    pub protocol: Protocol,
    /// Its hash over all files.
    pub protocol_version: String,
    /// The list of helpers.
    pub resources: ResourceList,
    /// Version of that list: its date and the beginning of its hash.
    pub resources_version: String,
    /// The review, if there was one.
    pub review: Option<ClinicalReview>,
    jurisdictions: Vec<Jurisdiction>,
    elsewhere: Jurisdiction,
    disclosures: BTreeMap<String, Vec<DisclosureText>>,
    texts: BTreeMap<String, Texts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisclosureFile {
    disclosure: Vec<DisclosureText>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewFile {
    review: Option<ClinicalReview>,
}

impl Content {
    /// Reads and checks all files.
    pub fn load(files: &Files) -> Result<Self, BadContent> {
        let mut reader = Reader {
            files,
            mistakes: Vec::new(),
        };
        let protocol: Option<Protocol> = reader.toml("protocol.toml");
        let review: Option<ReviewFile> = reader.toml(files::REVIEW);
        let table: Option<jurisdictions::Table> = reader.toml("jurisdictions.toml");
        let resources: Option<ResourceList> = reader.json("resources.json");
        let mut disclosures = BTreeMap::new();
        let mut texts = BTreeMap::new();
        for language in LANGUAGES {
            let file: Option<DisclosureFile> = reader.toml(&format!("disclosures/{language}.toml"));
            disclosures.extend(file.map(|file| (language.to_owned(), file.disclosure)));
            let file: Option<Texts> = reader.toml(&format!("texts/{language}.toml"));
            texts.extend(file.map(|file| (language.to_owned(), file)));
        }
        let everywhere = in_every_language(&disclosures);
        reader.check("protocol.toml", protocol.as_ref(), check_protocol);
        reader.check("jurisdictions.toml", table.as_ref(), |table, found| {
            table.check(&everywhere, found);
        });
        reader.check("resources.json", resources.as_ref(), ResourceList::check);
        for (language, of_language) in &texts {
            let name = format!("texts/{language}.toml");
            reader.check(&name, Some(of_language), |texts, found| {
                texts.check(language, found);
            });
        }
        for (language, of_language) in &disclosures {
            let name = format!("disclosures/{language}.toml");
            reader.check(&name, Some(of_language), |list, found| {
                check_disclosures(list, found);
            });
        }
        let elsewhere = table.as_ref().and_then(jurisdictions::Table::strictest);
        let whole = (protocol, table, elsewhere, resources);
        let (true, (Some(protocol), Some(table), Some(elsewhere), Some(resources))) =
            (reader.mistakes.is_empty(), whole)
        else {
            return Err(BadContent {
                mistakes: reader.mistakes,
            });
        };
        let hash = crate::hex::sha256(files.text("resources.json").unwrap_or_default().as_bytes());
        let resources_version = format!(
            "{}+{}",
            resources.version,
            hash.get(..4).unwrap_or_default()
        );
        Self {
            protocol,
            protocol_version: files.protocol_version(),
            resources,
            resources_version,
            review: review.and_then(|file| file.review),
            jurisdictions: table.row,
            elsewhere,
            disclosures,
            texts,
        }
        .checked()
    }

    /// These files, unless a frame of theirs would be too large.
    fn checked(self) -> Result<Self, BadContent> {
        // The list only shrinks with time.
        let largest = FrameBook::build(&self, Date::MIN).largest();
        if largest >= MAX_FRAME_BYTES {
            let text = format!(
                "a frame with these entries has {largest} bytes: below {MAX_FRAME_BYTES} are allowed, use shorter names and addresses"
            );
            return Err(BadContent {
                mistakes: vec![Mistake {
                    file: "resources.json".to_owned(),
                    line: None,
                    text,
                }],
            });
        }
        Ok(self)
    }

    /// The row of a place: its region's, else its country's, else the strictest.
    pub fn jurisdiction(&self, country: &str, region: Option<&str>) -> &Jurisdiction {
        let of_country = || {
            self.jurisdictions
                .iter()
                .filter(|row| row.country == country)
        };
        of_country()
            .find(|row| row.region.is_some() && row.region.as_deref() == region)
            .or_else(|| of_country().find(|row| row.region.is_none()))
            .unwrap_or(&self.elsewhere)
    }

    /// Every label that notices are counted under.
    pub fn report_labels(&self) -> BTreeSet<&str> {
        let rows = self.jurisdictions.iter().chain([&self.elsewhere]);
        rows.map(|row| row.report_label.as_str()).collect()
    }

    /// The texts of a language setting (`es-MX`), else the English ones.
    pub fn texts(&self, locale: &str) -> Option<&Texts> {
        self.texts.get(language_of(locale))
    }

    /// A disclosure in a language.
    pub fn disclosure(&self, id: &str, locale: &str) -> Option<&DisclosureText> {
        let list = self.disclosures.get(language_of(locale))?;
        list.iter().find(|disclosure| disclosure.id == id)
    }

    /// Countries that have a row or a resource of their own, and `*`.
    pub(crate) fn places(&self) -> BTreeSet<(String, Option<String>)> {
        let rows = self
            .jurisdictions
            .iter()
            .map(|row| (row.country.clone(), row.region.clone()));
        let lines = self
            .resources
            .resources
            .iter()
            .map(|entry| (entry.country.clone(), entry.region.clone()));
        rows.chain(lines).chain([("*".to_owned(), None)]).collect()
    }

    /// Numbers, short codes and addresses of the list and the emergency numbers: what an answer
    /// may name.
    pub fn allowed_contacts(&self) -> BTreeSet<String> {
        let lines = self.resources.resources.iter().flat_map(|entry| {
            let call = entry.call.iter().flat_map(|call| {
                [Some(call.show.clone()), call.dial.clone()]
                    .into_iter()
                    .flatten()
            });
            let sms = entry.sms.iter().map(|sms| sms.to.clone());
            call.chain(sms)
                .chain(entry.chat.clone())
                .chain(entry.web.clone())
        });
        let emergency = self
            .jurisdictions
            .iter()
            .chain([&self.elsewhere])
            .map(|row| row.emergency_number.clone());
        lines.chain(emergency).collect()
    }

    /// Whether a clinician reviewed exactly these files.
    pub fn is_reviewed(&self) -> bool {
        self.review
            .as_ref()
            .is_some_and(|review| review.version == self.protocol_version)
    }
}

/// The language of a locale that there are texts for: `es-MX` is `es`, everything else `en`.
pub fn language_of(locale: &str) -> &'static str {
    let asked = locale.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES
        .into_iter()
        .find(|language| language.eq_ignore_ascii_case(asked))
        .unwrap_or("en")
}

struct Reader<'a> {
    files: &'a Files,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn text(&mut self, name: &str) -> Option<&str> {
        let text = self.files.text(name);
        if text.is_none() {
            self.report(name, None, "the file is missing".to_owned());
        }
        self.files.text(name)
    }

    fn toml<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?.to_owned();
        match toml::from_str(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                let before = text.get(..start).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                self.report(name, Some(line), error.message().to_owned());
                None
            }
        }
    }

    fn json<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?.to_owned();
        match serde_json::from_str(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(name, Some(error.line()), error.to_string());
                None
            }
        }
    }

    fn check<T: ?Sized>(
        &mut self,
        name: &str,
        value: Option<&T>,
        check: impl FnOnce(&T, &mut Vec<String>),
    ) {
        let mut found = Vec::new();
        if let Some(value) = value {
            check(value, &mut found);
        }
        for text in found {
            self.report(name, None, text);
        }
    }

    fn report(&mut self, file: &str, line: Option<usize>, text: String) {
        self.mistakes.push(Mistake {
            file: file.to_owned(),
            line,
            text,
        });
    }
}

fn in_every_language(disclosures: &BTreeMap<String, Vec<DisclosureText>>) -> BTreeSet<&str> {
    let has = |id: &str| {
        LANGUAGES.into_iter().all(|language| {
            let list = disclosures.get(language);
            list.is_some_and(|list| list.iter().any(|disclosure| disclosure.id == id))
        })
    };
    let all = disclosures.values().flatten();
    all.map(|disclosure| disclosure.id.as_str())
        .filter(|id| has(id))
        .collect()
}

fn check_protocol(protocol: &Protocol, mistakes: &mut Vec<String>) {
    for category in protocol.categories.missing() {
        mistakes.push(format!("categories.{} is missing", category.name()));
    }
    let rules = &protocol.rules;
    let numbers = [
        ("same_event_min", rules.same_event_min),
        ("ask_every_min", rules.ask_every_min),
        ("passes_to_normal", rules.passes_to_normal),
        ("checkin_hours", rules.checkin_hours),
        ("unacknowledged_hours", rules.unacknowledged_hours),
        ("safe_apart_min", rules.safe_apart_min),
        ("safe_after_trigger_min", rules.safe_after_trigger_min),
        ("risk_hours", rules.risk_hours),
        ("danger_hours", rules.danger_hours),
        ("danger_limit_hours", rules.danger_limit_hours),
        ("cooldown_hours", rules.cooldown_hours),
        ("forget_days", rules.forget_days),
    ];
    for (name, value) in numbers {
        if !(1..=10_000).contains(&value) {
            mistakes.push(format!("rules.{name} must be 1 to 10000"));
        }
    }
    if rules.danger_limit_hours < rules.danger_hours || rules.danger_hours < rules.risk_hours {
        mistakes
            .push("rules: risk_hours <= danger_hours <= danger_limit_hours must hold".to_owned());
    }
    if protocol.summary.trim().is_empty() {
        mistakes.push("summary must not be empty".to_owned());
    }
}

fn check_disclosures(list: &[DisclosureText], mistakes: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for disclosure in list {
        if !seen.insert(disclosure.id.as_str()) {
            mistakes.push(format!("{} is there twice", disclosure.id));
        }
        let fields = [
            ("version", &disclosure.version),
            ("text", &disclosure.text),
            ("unsuitable_notice", &disclosure.unsuitable_notice),
        ];
        for (field, _) in fields.iter().filter(|(_, value)| value.trim().is_empty()) {
            mistakes.push(format!("{}: {field} must not be empty", disclosure.id));
        }
    }
}
