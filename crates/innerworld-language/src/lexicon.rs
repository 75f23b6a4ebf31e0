//! Word lists of the rules, read from the TOML files below `lexicon/`.
//!
//! They are part of the program: a list that cannot be read is refused when an extractor is made.

mod files;
mod phrases;

use self::files::{
    ActivityFile, DateFile, EventFile, GoalFile, PeopleFile, PlaceFile, ThingFile, TopicFile,
    WordFile,
};
pub(crate) use self::{
    files::{Activity, EmotionWords, Kind, Opening, Title, Topic},
    phrases::Phrases,
};
use crate::fnv::{self, WordMap, WordSet};

/// A word list that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("could not read the word list {file}")]
pub struct BadLexicon {
    /// Name of the file.
    pub file: &'static str,
    #[source]
    source: toml::de::Error,
}

const PEOPLE: &str = include_str!("../lexicon/people.toml");
const NAMES: &str = include_str!("../lexicon/names.toml");
const PLACES: &str = include_str!("../lexicon/places.toml");
const THINGS: &str = include_str!("../lexicon/things.toml");
const TOPICS: &str = include_str!("../lexicon/topics.toml");
const EVENTS: &str = include_str!("../lexicon/events.toml");
const ACTIVITIES: &str = include_str!("../lexicon/activities.toml");
const GOALS: &str = include_str!("../lexicon/goals.toml");
const WORDS: &str = include_str!("../lexicon/words.toml");
const EMOTION: &str = include_str!("../lexicon/emotion.toml");
const DATES: &str = include_str!("../lexicon/dates.toml");

/// Every list, in the order that the version counts them.
const ALL: [&str; 11] = [
    PEOPLE, NAMES, PLACES, THINGS, TOPICS, EVENTS, ACTIVITIES, GOALS, WORDS, EMOTION, DATES,
];

type Words = WordSet;

/// The lists, ready to look up.
#[derive(Debug)]
pub(crate) struct Lexicon {
    pub(crate) people: Phrases<Kind>,
    pub(crate) between: Words,
    pub(crate) titles: Phrases<Title>,
    pub(crate) sure_names: Words,
    pub(crate) cased_names: Words,
    /// First names that are words too.
    pub(crate) word_names: Words,
    pub(crate) cities: Words,
    pub(crate) place_prefixes: Words,
    pub(crate) school_ends: Phrases<()>,
    pub(crate) bound_places: Phrases<()>,
    pub(crate) things: Things,
    pub(crate) topics: Phrases<Topic>,
    pub(crate) events: Phrases<Head>,
    pub(crate) activities: Phrases<Activity>,
    pub(crate) activity_verbs: Words,
    pub(crate) activity_tails: Words,
    pub(crate) no_activity: Words,
    /// Forms of verbs of doing, by themselves and with an object.
    pub(crate) doings: WordMap<String, Doing>,
    pub(crate) goals: Goals,
    pub(crate) words: CommonWords,
    pub(crate) dates: DateWords,
}

/// What the head of an event needs beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Nothing.
    Strong,
    /// An article.
    Definite,
    /// A date, or a word that tells which one.
    Dated,
}

/// What a form of a verb says of doing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doing {
    /// The form in -ing, which names the activity.
    pub(crate) name: String,
    /// Whether it is one without an object.
    pub(crate) alone: bool,
    /// Whether it is one with an object.
    pub(crate) object: bool,
    /// Whether this form is the one in -ing.
    pub(crate) lasting: bool,
}

/// Lists of things.
#[derive(Debug)]
pub(crate) struct Things {
    pub(crate) pets: Phrases<()>,
    pub(crate) instruments: Phrases<()>,
    pub(crate) own: Phrases<()>,
    /// Products, works and artists by name, with their `sub`.
    pub(crate) known: Phrases<&'static str>,
    pub(crate) group_ends: Words,
    pub(crate) taking_in: Phrases<()>,
}

/// Lists for goals.
#[derive(Debug)]
pub(crate) struct Goals {
    pub(crate) openings: Phrases<Opening>,
    pub(crate) denials: Words,
    pub(crate) trivial: Words,
    /// First words that say little, and the words after which they say nothing.
    pub(crate) slight: Words,
    pub(crate) empty: Words,
    pub(crate) kept: Phrases<()>,
    pub(crate) never: Phrases<()>,
    pub(crate) ends: Phrases<()>,
}

/// Words that decide how a clause is meant.
#[derive(Debug)]
pub(crate) struct CommonWords {
    pub(crate) not_names: Words,
    pub(crate) no_subjects: Words,
    pub(crate) stop_heads: Words,
    pub(crate) after_name: Words,
    pub(crate) past: Words,
    pub(crate) ask_first: Words,
    pub(crate) ask_words: Words,
    pub(crate) subjects: Words,
    pub(crate) unreal: Phrases<()>,
    pub(crate) perhaps: Phrases<()>,
    pub(crate) stops_before: Phrases<()>,
    pub(crate) stops_after: Phrases<()>,
    pub(crate) no_denial: Phrases<()>,
    pub(crate) clause_starts: Words,
    pub(crate) clause_subjects: Words,
}

/// Words of dates; positions count from Monday, January and zero.
#[derive(Debug)]
pub(crate) struct DateWords {
    pub(crate) weekdays: Vec<Vec<String>>,
    pub(crate) months: Vec<Vec<String>>,
    pub(crate) numbers: Vec<String>,
}

fn words(list: &str) -> Words {
    list.split_whitespace().map(str::to_owned).collect()
}

fn set(list: Vec<String>) -> Words {
    list.into_iter().collect()
}

/// Every form of the verbs of doing.
fn doings(file: &files::DoingFile) -> WordMap<String, Doing> {
    let mut forms: WordMap<String, Doing> = WordMap::default();
    let lists = [(&file.alone, true), (&file.objects, false)];
    for (verb, alone) in lists
        .into_iter()
        .flat_map(|(list, alone)| list.iter().map(move |verb| (verb, alone)))
    {
        let name = verb.rsplit(' ').next().unwrap_or_default();
        for form in verb.split(' ') {
            let doing = forms.entry(form.to_owned()).or_default();
            name.clone_into(&mut doing.name);
            doing.alone |= alone;
            doing.object |= !alone;
            doing.lasting = form == name;
        }
    }
    forms
}

/// Reads the words of feeling.
pub(crate) fn emotion_words() -> Result<EmotionWords, BadLexicon> {
    files::read("emotion.toml", EMOTION)
}

/// A short hash over all lists: part of the extractor's version.
pub(crate) fn fingerprint() -> String {
    let hash = fnv::hash(ALL.iter().flat_map(|text| text.bytes()));
    format!("{hash:016x}").chars().take(8).collect()
}

impl Lexicon {
    /// Reads every list.
    pub(crate) fn load() -> Result<Self, BadLexicon> {
        let people: PeopleFile = files::read("people.toml", PEOPLE)?;
        let names: files::NameFile = files::read("names.toml", NAMES)?;
        let places: PlaceFile = files::read("places.toml", PLACES)?;
        let things: ThingFile = files::read("things.toml", THINGS)?;
        let topics: TopicFile = files::read("topics.toml", TOPICS)?;
        let events: EventFile = files::read("events.toml", EVENTS)?;
        let activities: ActivityFile = files::read("activities.toml", ACTIVITIES)?;
        let goals: GoalFile = files::read("goals.toml", GOALS)?;
        let common: WordFile = files::read("words.toml", WORDS)?;
        let dates: DateFile = files::read("dates.toml", DATES)?;
        let strong: Words = set(events.strong.clone());
        Ok(Self {
            people: Phrases::keyed(people.kind.iter().flat_map(Kind::entries)),
            between: set(people.between.words),
            titles: Phrases::keyed(people.title.iter().flat_map(Title::entries)),
            sure_names: words(&names.sure),
            cased_names: words(&names.cased),
            word_names: words(&names.words),
            cities: words(&places.known),
            place_prefixes: set(places.prefixes),
            school_ends: Phrases::plain(places.school_ends),
            bound_places: Phrases::plain(places.bound),
            things: things.into(),
            topics: Phrases::keyed(topics.topic.iter().flat_map(Topic::entries)),
            events: Phrases::keyed(events.heads.iter().chain(&events.strong).map(|head| {
                let needs = if strong.contains(head) {
                    Head::Strong
                } else if events.definite.contains(head) {
                    Head::Definite
                } else {
                    Head::Dated
                };
                (head.clone(), needs)
            })),
            activities: Phrases::keyed(activities.activity.iter().flat_map(Activity::entries)),
            activity_verbs: set(activities.verbs.words),
            activity_tails: set(activities.tails.words),
            no_activity: set(activities.no_activity.words),
            doings: doings(&activities.doings),
            goals: goals.into(),
            words: common.into(),
            dates: DateWords {
                weekdays: dates.weekdays,
                months: dates.months,
                numbers: dates.numbers,
            },
        })
    }
}

impl From<ThingFile> for Things {
    fn from(file: ThingFile) -> Self {
        let named = |list: Vec<String>, sub| list.into_iter().map(move |name| (name, sub));
        let known = named(file.products, "product")
            .chain(named(file.works, "creative_work"))
            .chain(named(file.artists, "artist"));
        Self {
            known: Phrases::keyed(known),
            pets: Phrases::plain(file.pets),
            instruments: Phrases::plain(file.instruments),
            own: Phrases::plain(file.own.into_iter().chain(file.vehicles)),
            group_ends: set(file.group_ends),
            taking_in: Phrases::plain(file.taking_in),
        }
    }
}

impl From<GoalFile> for Goals {
    fn from(file: GoalFile) -> Self {
        Self {
            openings: Phrases::keyed(file.opening.iter().flat_map(Opening::entries)),
            denials: set(file.denials),
            trivial: set(file.trivial),
            slight: set(file.slight),
            empty: set(file.empty),
            kept: Phrases::plain(file.kept),
            never: Phrases::plain(file.never),
            ends: Phrases::plain(file.ends),
        }
    }
}

impl From<WordFile> for CommonWords {
    fn from(file: WordFile) -> Self {
        Self {
            not_names: words(&file.not_names),
            no_subjects: words(&file.no_subjects),
            stop_heads: words(&file.stop_heads),
            after_name: words(&file.after_name),
            past: words(&file.past),
            ask_first: set(file.ask_first),
            ask_words: set(file.ask_words),
            subjects: set(file.subjects),
            unreal: Phrases::plain(file.unreal),
            perhaps: Phrases::plain(file.perhaps),
            stops_before: Phrases::plain(file.stops_before),
            stops_after: Phrases::plain(file.stops_after),
            no_denial: Phrases::plain(file.no_denial),
            clause_starts: set(file.clause_starts),
            clause_subjects: set(file.clause_subjects),
        }
    }
}
