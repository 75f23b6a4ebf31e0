//! Surnames directly behind a first name.

use innerworld_core::model::veil::PrivateKind;

use super::{Place, Words};

/// Small words that begin a surname of several words.
const PARTICLES: [&str; 18] = [
    "de", "la", "del", "los", "das", "dos", "da", "di", "van", "von", "der", "den", "bin", "ibn",
    "al", "el", "mac", "le",
];

/// Words that are frequent surnames as well: in lower case they are taken for the word.
const WORDS_TOO: &[&str] = &[
    "young", "long", "king", "brown", "white", "black", "green", "gray", "hill", "woods", "wood",
    "love", "hope", "may", "day", "way", "good", "best", "rich", "small", "little", "short",
    "west", "north", "east", "park", "parks", "lake", "rose", "price", "case", "chance", "page",
    "read", "fields", "bell", "ball", "hall", "bush", "berry", "lane", "street", "cook", "baker",
    "bright", "sharp", "early", "winter", "winters", "summers", "friend", "story", "banks", "cash",
    "power", "powers", "church", "temple", "self", "man", "nice", "guy", "waters", "moon", "star",
    "fox", "wolf", "bird", "crow", "gold", "silver", "stone", "rivers", "strong", "noble", "wise",
    "pace", "sweet", "savage", "wall", "walls", "house", "home", "chase", "fish", "fisher",
    "hunter", "game", "rush", "grant", "mark", "will", "miles", "bass", "band", "post", "fair",
    "bond", "drew", "rice", "bean", "beans", "glass", "major", "minor", "prince", "duke", "pope",
    "bishop", "dean", "judge", "law", "laws", "bill", "frost", "snow", "storm", "cannon", "sparks",
    "flowers", "forest", "field", "marsh", "brook", "brooks", "banner", "kid", "kidd", "hand",
    "head", "foot", "legs", "back", "light", "dark", "key", "keys", "lock", "root", "roach",
    "kiss", "hug", "joy", "swift", "hurt", "cross", "close", "ray", "singer", "dancer", "driver",
    "walker", "carter", "mason", "taylor", "cole", "dale", "gay", "huff", "ho", "so", "do", "le",
    "van", "to", "le", "ma", "pa", "yang", "ball", "horn", "sellers", "hood", "ward", "camp",
    "clay", "cotton", "blue", "bowl", "bowling", "coach", "fine", "free", "gross", "hardy",
    "holiday", "ford", "mercedes", "mayo", "melon", "knight", "numbers", "person", "people",
    "pool", "rock", "rowing", "sales", "school", "sick", "song", "sun", "talley", "tall", "wells",
    "wing", "year", "york", "paris", "london", "english", "french", "german",
];

pub(super) fn at(words: &Words<'_>, at: usize) -> Option<Place> {
    named(words, at).or_else(|| behind_a_first_name(words, at))
}

/// "my last name is torres".
fn named(words: &Words<'_>, at: usize) -> Option<Place> {
    let says = matches!(words.low(at), "name" | "surname" | "apellido");
    let whose = words.low(at) != "name" || matches!(words.before(at, 1), "last" | "family");
    if !says || !whose {
        return None;
    }
    let first = if matches!(words.low(at + 1), "is" | "was" | "es") {
        at + 2
    } else {
        at + 1
    };
    let low = words.low(first);
    let listed = words.lists.names.is_surname(low) && !words.is_common(first);
    let told = words.is_name_like(first) || first == at + 2 && listed;
    (told && low.chars().count() >= 2).then(|| {
        (
            PrivateKind::Surname,
            first,
            last(words, first),
            always(words, first),
        )
    })
}

fn behind_a_first_name(words: &Words<'_>, at: usize) -> Option<Place> {
    let lists = words.lists;
    let low = words.low(at);
    let sure = lists.lexicon.sure_names.contains(low);
    let known = sure || lists.names.is_first_name(low);
    let with_capital = words.is_name_like(at);
    // "taylor swift", "harry potter": everybody's.
    let public = lists.lexicon.things.known.at(at, |place| words.low(place));
    if !(sure || known && with_capital) || public.is_some() || !words.joined(at) {
        return None;
    }
    let first = behind_middle_names(words, at + 1);
    let particle = PARTICLES.contains(&words.low(first)) && words.joined(first);
    let surname = if particle { first + 1 } else { first };
    let low = words.low(surname);
    let listed = lists.names.is_surname(low);
    let capital = with_capital && words.is_name_like(surname);
    let plain = lists.names.is_frequent_surname(low)
        && !words.is_common(surname)
        && !WORDS_TOO.contains(&low)
        && !lists.lexicon.activity_verbs.contains(low);
    let taken = low.chars().count() >= 2
        && low
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '\''))
        && ((capital && (listed || sure || low.contains('-')))
            || (sure && (plain || particle && listed)));
    taken.then(|| {
        let last = last(words, surname);
        (PrivateKind::Surname, first, last, always(words, surname))
    })
}

/// "Maya R. Torres", "Mary Ann Torres": where the surname begins.
fn behind_middle_names(words: &Words<'_>, at: usize) -> usize {
    let initial = words
        .word(at)
        .is_some_and(|word| word.is_capital() && word.raw.chars().count() == 1);
    if initial {
        let dot = words
            .tokens
            .get(at + 1)
            .is_some_and(|token| token.raw == ".");
        return at + 1 + usize::from(dot);
    }
    let name = words.low(at);
    let next = words.low(at + 1);
    let middle = words.is_name_like(at)
        && words.lists.lexicon.sure_names.contains(name)
        && words.joined(at)
        && words.is_name_like(at + 1)
        && words.lists.names.is_surname(next);
    at + usize::from(middle)
}

/// The last word of a surname: "Garcia Lopez", "De La Cruz".
fn last(words: &Words<'_>, first: usize) -> usize {
    let mut last = first;
    while words.joined(last) {
        let next = words.low(last + 1);
        let goes_on = PARTICLES.contains(&words.low(last))
            || words.is_name_like(last + 1)
                && words.is_name_like(last)
                && words.lists.names.is_surname(next)
            || PARTICLES.contains(&next) && words.is_name_like(last + 2) && words.joined(last + 1);
        if !goes_on || words.word(last + 1).is_none() {
            break;
        }
        last += 1;
    }
    last
}

/// Not so for what is a first name, a word or a city too.
fn always(words: &Words<'_>, at: usize) -> bool {
    let (low, lists) = (words.low(at), words.lists);
    low.chars().count() >= 4
        && !lists.names.is_first_name(low)
        && !lists.lexicon.sure_names.contains(low)
        && !lists.lexicon.cities.contains(low)
        && !WORDS_TOO.contains(&low)
}
