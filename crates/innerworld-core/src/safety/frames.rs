//! Crisis and check-in frames, built once when the files are loaded: at the moment one is needed
//! only an event id is filled in.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    content::{Area, Content, LANGUAGES, Resource, Texts, language_of},
    record::SafetyFrameKind,
    rules::Variant,
    screen::{Category, Level},
};
use crate::ids::EventId;

/// Frames are smaller than this.
pub const MAX_FRAME_BYTES: usize = 8 * 1_024;

const NO_EVENT: &str = "00000000000000000000000000";

/// Which frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// A crisis.
    Crisis(Variant, Level),
    /// A question.
    Ask(Variant, Level),
    /// The question that follows a crisis, in journal-only mode.
    Follow(Variant, Level),
    /// Help, quietly.
    Soft,
    /// Help, quietly, while the record cannot be read.
    Unknown,
}

/// A frame to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyFrame {
    /// Its event, by which clients drop repeats.
    pub event: EventId,
    /// Crisis or check-in.
    pub kind: SafetyFrameKind,
    /// It is sent again until it is acknowledged.
    pub needs_ack: bool,
    /// The JSON text, `seq` zero.
    pub json: String,
}

impl SafetyFrame {
    /// What it says, without the help and the choices.
    pub fn text(&self) -> String {
        let frame: serde_json::Value = serde_json::from_str(&self.json).unwrap_or_default();
        let text = frame.get("text").and_then(serde_json::Value::as_str);
        text.unwrap_or_default().to_owned()
    }
}

/// All frames, by place and language.
#[derive(Debug)]
pub struct FrameBook {
    frames: HashMap<(String, Option<String>, &'static str), BTreeMap<Shape, Template>>,
    /// The day from which a service that they name has ended.
    until: Option<Date>,
}

#[derive(Debug)]
struct Template {
    before: String,
    after: String,
}

#[derive(Serialize)]
struct Wire<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    seq: u64,
    event: &'static str,
    level: Level,
    variant: Variant,
    #[serde(skip_serializing_if = "Option::is_none")]
    intensity: Option<&'static str>,
    text: String,
    resources: Vec<WireResource<'a>>,
    resources_version: &'a str,
    emergency_hint: Emergency<'a>,
    choices: &'static [&'static str],
    ai_generated: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unverified: bool,
}

/// An entry of the list as clients see it.
#[derive(Debug, Serialize)]
pub(crate) struct WireResource<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dial: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sms: Option<WireSms<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web: Option<&'a str>,
    hours: &'a str,
    languages: &'a [String],
    audience: &'a [super::content::Audience],
}

/// A bare number, or one with the word to send.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum WireSms<'a> {
    Number(&'a str),
    WithBody { to: &'a str, body: &'a str },
}

#[derive(Serialize)]
struct Emergency<'a> {
    number: &'a str,
    text: String,
}

const CRISIS_CHOICES: &[&str] = &["safe", "not_safe", "journal", "grounding", "tell_adult"];
const ASK_CHOICES: &[&str] = &[
    "safe",
    "not_safe",
    "talk",
    "journal",
    "grounding",
    "tell_adult",
];
const SOFT_CHOICES: &[&str] = &["not_safe", "journal", "grounding", "tell_adult"];

impl<'a> WireResource<'a> {
    pub(crate) fn of(entry: &'a Resource, language: &str) -> Self {
        let sms = entry.sms.as_ref().map(|sms| {
            let body = sms.body.get(language).or_else(|| sms.body.get("en"));
            body.map_or(WireSms::Number(&sms.to), |body| WireSms::WithBody {
                to: &sms.to,
                body,
            })
        });
        Self {
            id: &entry.id,
            name: entry.name_in(language),
            call: entry.call.as_ref().map(|call| call.show.as_str()),
            dial: entry.call.as_ref().and_then(|call| call.dial.as_deref()),
            sms,
            chat: entry.chat.as_deref(),
            web: entry.web.as_deref(),
            hours: &entry.hours,
            languages: &entry.languages,
            audience: &entry.audience,
        }
    }
}

impl FrameBook {
    /// Builds every frame. `today` leaves out services that have ended.
    pub fn build(content: &Content, today: Date) -> Self {
        let mut frames = HashMap::new();
        for (country, region) in content.places() {
            for language in LANGUAGES {
                let Some(texts) = content.texts(language) else {
                    continue;
                };
                let page = Page {
                    content,
                    texts,
                    area: Area {
                        country: &country,
                        region: region.as_deref(),
                    },
                    language,
                    today,
                };
                let built = shapes()
                    .map(|shape| (shape, page.template(shape)))
                    .collect();
                frames.insert((country.clone(), region.clone(), language), built);
            }
        }
        Self {
            frames,
            until: content.resources.next_end(today),
        }
    }

    /// Whether a service that these frames name has ended by `today`.
    pub fn is_over(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until <= today)
    }

    /// A frame for a place, or the international one. Needs nothing but memory.
    pub fn frame(&self, area: Area<'_>, locale: &str, shape: Shape, event: EventId) -> SafetyFrame {
        let language = language_of(locale);
        let page = |country: &str, region: Option<&str>| {
            self.frames
                .get(&(country.to_owned(), region.map(str::to_owned), language))
        };
        let template = page(area.country, area.region)
            .or_else(|| page(area.country, None))
            .or_else(|| page("*", None))
            .and_then(|page| page.get(&shape));
        let json = template.map_or_else(String::new, |template| {
            format!("{}{event}{}", template.before, template.after)
        });
        SafetyFrame {
            event,
            kind: shape.kind(),
            needs_ack: !matches!(shape, Shape::Soft | Shape::Unknown),
            json,
        }
    }

    /// The largest frame in bytes.
    pub fn largest(&self) -> usize {
        self.frames
            .values()
            .flat_map(BTreeMap::values)
            .map(|template| template.before.len() + NO_EVENT.len() + template.after.len())
            .max()
            .unwrap_or(0)
    }
}

impl Shape {
    /// Crisis or check-in.
    pub const fn kind(self) -> SafetyFrameKind {
        match self {
            Self::Crisis(..) => SafetyFrameKind::Crisis,
            Self::Ask(..) | Self::Follow(..) | Self::Soft | Self::Unknown => {
                SafetyFrameKind::Checkin
            }
        }
    }

    const fn variant(self) -> Variant {
        match self {
            Self::Crisis(variant, _) | Self::Ask(variant, _) | Self::Follow(variant, _) => variant,
            Self::Soft | Self::Unknown => Variant::General,
        }
    }

    const fn level(self) -> Level {
        match self {
            Self::Crisis(_, level) | Self::Ask(_, level) | Self::Follow(_, level) => level,
            Self::Soft | Self::Unknown => Level::Concern,
        }
    }

    const fn choices(self) -> &'static [&'static str] {
        match self {
            Self::Crisis(..) | Self::Follow(..) => CRISIS_CHOICES,
            Self::Ask(..) => ASK_CHOICES,
            Self::Soft | Self::Unknown => SOFT_CHOICES,
        }
    }
}

fn shapes() -> impl Iterator<Item = Shape> {
    let levels = [Level::Concern, Level::Risk, Level::Danger];
    let each = Variant::ALL
        .into_iter()
        .filter(|variant| *variant != Variant::General);
    each.flat_map(move |variant| {
        levels.into_iter().flat_map(move |level| {
            [
                Shape::Crisis(variant, level),
                Shape::Ask(variant, level),
                Shape::Follow(variant, level),
            ]
        })
    })
    .chain([Shape::Soft, Shape::Unknown])
}

struct Page<'a> {
    content: &'a Content,
    texts: &'a Texts,
    area: Area<'a>,
    language: &'static str,
    today: Date,
}

impl Page<'_> {
    fn template(&self, shape: Shape) -> Template {
        let variant = shape.variant();
        let chosen = self.content.resources.select(
            self.area,
            &self.categories(variant),
            self.language,
            self.today,
        );
        let row = self
            .content
            .jurisdiction(self.area.country, self.area.region);
        let number = row.emergency_number.as_str();
        let fill = |text: &str| {
            text.replace("{help}", &self.help(&chosen))
                .replace("{emergency}", number)
        };
        let wire = Wire {
            kind: match shape.kind() {
                SafetyFrameKind::Crisis => "safety.crisis",
                SafetyFrameKind::Checkin => "safety.checkin",
            },
            seq: 0,
            event: NO_EVENT,
            level: shape.level(),
            variant,
            intensity: match shape {
                Shape::Crisis(..) => None,
                Shape::Ask(..) | Shape::Follow(..) => Some("ask"),
                Shape::Soft | Shape::Unknown => Some("soft"),
            },
            text: fill(self.raw(shape)),
            resources: chosen
                .iter()
                .map(|entry| WireResource::of(entry, self.language))
                .collect(),
            resources_version: &self.content.resources_version,
            emergency_hint: Emergency {
                number,
                text: fill(&self.texts.emergency.text),
            },
            choices: shape.choices(),
            ai_generated: false,
            unverified: chosen.iter().any(|entry| entry.verified_on.is_none()),
        };
        // Serialising plain strings and numbers cannot fail.
        let json = serde_json::to_string(&wire).unwrap_or_default();
        let (before, after) = json.split_once(NO_EVENT).unwrap_or((&json, ""));
        Template {
            before: before.to_owned(),
            after: after.to_owned(),
        }
    }

    fn raw(&self, shape: Shape) -> &str {
        let found = match shape {
            Shape::Crisis(variant, level) => self.texts.crisis_text(variant, level),
            Shape::Ask(variant, _) => self.texts.ask.get(&variant).map(|one| one.text.as_str()),
            Shape::Follow(..) => Some(self.texts.follow.text.as_str()),
            Shape::Soft => Some(self.texts.soft.text.as_str()),
            Shape::Unknown => Some(self.texts.unknown.text.as_str()),
        };
        found.unwrap_or_default()
    }

    fn categories(&self, variant: Variant) -> Vec<Category> {
        if variant == Variant::General {
            return vec![Category::Ideation];
        }
        let rows = self.content.protocol.categories.rows();
        rows.filter(|(_, rule)| rule.variant == variant)
            .map(|(category, _)| category)
            .collect()
    }

    /// The sentence with the number of the first line that has one.
    fn help(&self, chosen: &[&Resource]) -> String {
        let lines = &self.texts.help;
        for entry in chosen {
            let both = entry.call.as_ref().zip(entry.sms.as_ref());
            if let Some((call, _)) = both.filter(|(call, sms)| call.show == sms.to) {
                return lines.call_and_text.replace("{call}", &call.show);
            }
            if let Some(call) = &entry.call {
                return lines.call.replace("{call}", &call.show);
            }
            if let Some(sms) = &entry.sms {
                return lines.text.replace("{sms}", &sms.to);
            }
        }
        lines.web.clone()
    }
}
