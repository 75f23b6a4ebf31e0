//! The names of the rules, each with a talk that it reads something from.

/// Declares the rules: variant, id, example.
macro_rules! rules {
    ($($rule:ident, $id:literal, $example:literal;)*) => {
        /// A rule of the local tier: what read a mention or what ties two of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = concat!("`", $id, "`: \"", $example, "\"")] $rule,)*
        }

        impl Rule {
            /// Every rule, in the order of their ids.
            pub const ALL: &[Self] = &[$(Self::$rule),*];

            /// Its name in findings, explanations and benches.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$rule => $id,)*
                }
            }

            /// Lines of which it reads something, parted by ` / `. Those of the persona begin
            /// with `>`.
            pub const fn example(self) -> &'static str {
                match self {
                    $(Self::$rule => $example,)*
                }
            }
        }
    };
}

rules! {
    ActivitiesClass, "activities.class", "chem class is boring";
    ActivitiesDoing, "activities.doing", "i love thrifting";
    ActivitiesListed, "activities.listed", "i play soccer";
    Answer, "asked.answer", "> where are you moving? / boise. my dads new job is there";
    BondsOfOthers, "bonds.of_others", "reece is mates with my cousin dom";
    BondsOwn, "bonds.own", "i broke up with jordan";
    DoingsOwned, "doings.owned", "my brother on drums and me on guitar";
    DoingsPlaying, "doings.playing", "im learning the ukulele";
    DoingsWorking, "doings.working", "i work at the bakery";
    EventsDated, "events.dated", "college apps are due in january";
    EventsHead, "events.head", "my chem test is on friday";
    Foreign, "foreign.listed", "hoy fui con Maria a la escuela y fue muy divertido";
    GiftsCalled, "gifts.called", "theres a band called wet socks";
    GiftsGot, "gifts.got", "my uncle gave me his old telescope";
    GiftsWanted, "gifts.wanted", "i want to save for a drone";
    GoalsGivenUp, "goals.given_up", "i don't want to be a doctor anymore";
    GoalsWanted, "goals.wanted", "i want to learn how to drive";
    Grades, "grades.grade", "im in 9th grade";
    Habits, "habits.habit", "i sketch every night";
    LinksBring, "links.bring", "my grandpa passed away last week";
    LinksCauses, "links.causes", "i cant sleep because of the chem test";
    LinksCompany, "links.company", "i have soccer practice with coach dan";
    LinksDoneFor, "links.done_for", "i practice guitar every day. i want to join the school band";
    LinksHelps, "links.helps", "i want to learn spanish. my tia helps me";
    LinksSubjects, "links.subjects", "i want to get better grades in math";
    LinksTimes, "links.times", "soccer practice before the recital";
    PeopleBare, "people.bare", "mom said no";
    PeopleCircle, "people.circle", "marcus from my bio class is funny";
    PeopleContext, "people.context", "i went with Jake";
    PeopleNameIs, "people.name_is", "his name is cillian";
    PeopleNamed, "people.named", "i met a girl named zoe";
    PeopleOfOthers, "people.of_others", "i went with jordyn / jordyns older brother tyrell drove us";
    PeopleOfThe, "people.of_the", "the manager darlene is nice";
    PeopleOwned, "people.owned", "my best friend maya";
    PeopleTitled, "people.titled", "mr. okafor gave us homework";
    PeopleTold, "people.told", "i miss my cousin priya / shes been my friend since 5th grade";
    PlacesBound, "places.bound", "i was at the gym";
    PlacesHome, "places.home", "we moved to austin";
    PlacesSchool, "places.school", "i go to lincoln high";
    PlacesStay, "places.stay", "i live in austin";
    PlacesVisited, "places.visited", "we went on a trip to Seoul";
    PlacesWhereabouts, "places.whereabouts", "my grandma in Nairobi called";
    SessionAgain, "session.again", "we took pics at the lake, me jordyn and kennedy / kennedy lost a shoe";
    SessionHappening, "session.happening", "my recital is on friday / my grandma is flying in for it";
    SessionHelped, "session.helped", "i want to learn how to drive / my cousin dom is gonna help me";
    SessionPronouns, "session.pronouns", "my best friend maya is so funny / she never practices";
    Tagger, "tagger", "madeleine signed my yearbook";
    ThingsGroup, "things.group", "im on the swim team";
    ThingsInstrument, "things.instrument", "i play the violin";
    ThingsKnown, "things.known", "i love minecraft";
    ThingsOwned, "things.owned", "my sketchbook is full";
    ThingsPet, "things.pet", "my dog biscuit";
    ThingsTitle, "things.title", "im watching \"the last bench\" again";
    TogetherAgain, "together.again", "my dog biscuit chased my cousin priya / biscuit and priya are best buds now";
    TopicsPhrase, "topics.phrase", "i fed the sourdough again";
    TopicsShown, "topics.shown", "got my mock results back. 4 in maths";
}
