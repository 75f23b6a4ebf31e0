//! What clients may read: disclosure, notices, tools, the public protocol, the list of helpers.

use serde::Serialize;

use super::{
    super::{
        content::{
            AgeLimits, Area, ClinicalReview, Grounding, Journaling, TrustedAdult, language_of,
        },
        frames::WireResource,
        screen::Category,
    },
    Desk,
};
use crate::{calendar::day_in, clock::Timestamp, conversation::record::NoticeKind};

/// The disclosure as shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Disclosure {
    /// Version of the text, with its language: another language is another text.
    pub version: String,
    /// Language of the text.
    pub locale: String,
    /// The text.
    pub text: String,
    /// Whether it must be acknowledged before a persona is chosen.
    pub ack_required: bool,
    /// That companions may be unsuitable for some minors.
    pub unsuitable_notice: String,
}

/// A notice as shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Its version.
    pub version: String,
}

/// The tools that stay open in every state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HelpTools {
    /// A grounding exercise.
    pub grounding: Grounding,
    /// How to tell an adult.
    pub trusted_adult: TrustedAdult,
    /// The journal's offer.
    pub journaling: Journaling,
}

/// `GET /v1/safety/protocol`.
#[derive(Clone, Debug, Serialize)]
pub struct PublicProtocol {
    /// Title.
    pub title: String,
    /// What it does.
    pub summary: String,
    /// SHA-256 over the running files.
    pub protocol_version: String,
    /// Version of the list of helpers.
    pub resources_version: String,
    /// Version of the detector.
    pub detector_version: String,
    /// Whether a clinician reviewed exactly these files.
    pub reviewed: bool,
    /// Who reviewed which version.
    pub clinical_review: Option<ClinicalReview>,
    /// The category table.
    pub categories: serde_json::Value,
    /// The numbers.
    pub rules: serde_json::Value,
    /// Days since the oldest check of the list; absent while nobody checked it.
    pub resources_age_days: Option<u32>,
}

impl Desk {
    /// The disclosure of a place in a language.
    pub fn disclosure(&self, locale: &str, country: &str, region: Option<&str>) -> Disclosure {
        let row = self.content.jurisdiction(country, region);
        // The check at loading has every disclosure in every language.
        let found = self.content.disclosure(&row.disclosure_id, locale);
        found.map_or_else(Disclosure::default, |found| Disclosure {
            version: format!("{}-{}", found.id, found.version),
            locale: language_of(locale).to_owned(),
            text: found.text.trim().to_owned(),
            ack_required: found.ack_required,
            unsuitable_notice: found.unsuitable_notice.clone(),
        })
    }

    /// A notice in a language.
    pub fn notice(&self, kind: NoticeKind, locale: &str) -> Notice {
        self.content
            .texts(locale)
            .map_or_else(Notice::default, |texts| Notice {
                text: texts.notice(kind).to_owned(),
                version: texts.notices.version.clone(),
            })
    }

    /// Grounding, trusted-adult script and journal in a language.
    pub fn tools(&self, locale: &str) -> Option<HelpTools> {
        self.content.texts(locale).map(|texts| HelpTools {
            grounding: texts.grounding.clone(),
            trusted_adult: texts.trusted_adult.clone(),
            journaling: texts.journaling.clone(),
        })
    }

    /// Version of the list of helpers.
    pub fn resources_version(&self) -> &str {
        &self.content.resources_version
    }

    /// Version of the running files.
    pub fn protocol_version(&self) -> &str {
        &self.content.protocol_version
    }

    /// The list of helpers for a place, as JSON (`GET /v1/safety/resources`).
    pub fn resources(
        &self,
        country: &str,
        region: Option<&str>,
        locale: &str,
        now: Timestamp,
    ) -> serde_json::Value {
        let language = language_of(locale);
        let list = &self.content.resources;
        let today = day_in("UTC", now);
        let chosen = list.select(Area { country, region }, &Category::ALL, language, today);
        let row = self.content.jurisdiction(country, region);
        let texts = self.content.texts(language);
        let emergency = texts.map_or_else(String::new, |texts| {
            texts
                .emergency
                .text
                .replace("{emergency}", &row.emergency_number)
        });
        let entries: Vec<WireResource<'_>> = chosen
            .iter()
            .map(|entry| WireResource::of(entry, language))
            .collect();
        serde_json::json!({
            "version": self.content.resources_version,
            "country": row.country,
            "resources": entries,
            "emergency_hint": { "number": row.emergency_number, "text": emergency },
            "unverified": chosen.iter().any(|entry| entry.verified_on.is_none()),
        })
    }

    /// The public protocol.
    pub fn protocol(&self, now: Timestamp) -> PublicProtocol {
        let content = &self.content;
        let today = day_in("UTC", now);
        let ages = content.resources.ages(today, AgeLimits::default());
        let verified = ages.unverified.len() < content.resources.resources.len();
        PublicProtocol {
            title: content.protocol.title.clone(),
            summary: content.protocol.summary.trim().to_owned(),
            protocol_version: content.protocol_version.clone(),
            resources_version: content.resources_version.clone(),
            detector_version: self.screen.version().to_owned(),
            reviewed: content.is_reviewed(),
            clinical_review: content.review.clone(),
            categories: serde_json::to_value(&content.protocol.categories).unwrap_or_default(),
            rules: serde_json::to_value(&content.protocol.rules).unwrap_or_default(),
            resources_age_days: verified.then_some(ages.oldest_days),
        }
    }
}
