//! Word forms: contractions, chat spellings, misspellings of a few words, joined words.

use std::{
    collections::HashMap,
    sync::LazyLock,
};

/// Contractions and chat forms, each to one form.
const FORMS: &[(&str, &str)] = &[
    ("im", "i am"),
    ("i'm", "i am"),
    ("ima", "i am going to"),
    ("imma", "i am going to"),
    ("ive", "i have"),
    ("i've", "i have"),
    ("i'd", "i would"),
    ("i'll", "i will"),
    ("ill", "i will"),
    ("wanna", "want to"),
    ("wana", "want to"),
    ("wnna", "want to"),
    ("gonna", "going to"),
    ("gunna", "going to"),
    ("gon", "going to"),
    ("finna", "going to"),
    ("boutta", "going to"),
    ("bouta", "going to"),
    ("tryna", "going to"),
    ("gotta", "have to"),
    ("hafta", "have to"),
    ("can't", "can not"),
    ("cant", "can not"),
    ("cannot", "can not"),
    ("don't", "do not"),
    ("dont", "do not"),
    ("dnt", "do not"),
    ("won't", "will not"),
    ("wont", "will not"),
    ("didn't", "did not"),
    ("didnt", "did not"),
    ("doesn't", "does not"),
    ("doesnt", "does not"),
    ("isn't", "is not"),
    ("isnt", "is not"),
    ("wasn't", "was not"),
    ("wasnt", "was not"),
    ("aren't", "are not"),
    ("arent", "are not"),
    ("weren't", "were not"),
    ("werent", "were not"),
    ("couldn't", "could not"),
    ("couldnt", "could not"),
    ("wouldn't", "would not"),
    ("wouldnt", "would not"),
    ("shouldn't", "should not"),
    ("shouldnt", "should not"),
    ("haven't", "have not"),
    ("havent", "have not"),
    ("hasn't", "has not"),
    ("hasnt", "has not"),
    ("hadn't", "had not"),
    ("hadnt", "had not"),
    ("ain't", "am not"),
    ("aint", "am not"),
    ("it's", "it is"),
    ("that's", "that is"),
    ("thats", "that is"),
    ("there's", "there is"),
    ("theres", "there is"),
    ("he's", "he is"),
    ("hes", "he is"),
    ("she's", "she is"),
    ("shes", "she is"),
    ("they're", "they are"),
    ("theyre", "they are"),
    ("you're", "you are"),
    ("youre", "you are"),
    ("we're", "we are"),
    ("they'd", "they would"),
    ("everyone'd", "everyone would"),
    ("everybody'd", "everybody would"),
    ("nobody'd", "nobody would"),
    ("noone", "no one"),
    ("they'll", "they will"),
    ("u", "you"),
    ("ur", "your"),
    ("cuz", "because"),
    ("bc", "because"),
    ("tmr", "tomorrow"),
    ("tmrw", "tomorrow"),
    ("tmrrw", "tomorrow"),
    ("2moro", "tomorrow"),
    ("tonite", "tonight"),
    ("2nite", "tonight"),
    ("abt", "about"),
    ("anymor", "anymore"),
    ("kil", "kill"),
    ("kll", "kill"),
    ("kiil", "kill"),
    ("killin", "killing"),
    ("dyin", "dying"),
    ("livin", "living"),
    ("cuttin", "cutting"),
    ("hurtin", "hurting"),
    ("thinkin", "thinking"),
    ("feelin", "feeling"),
    ("goin", "going"),
    ("alot", "a lot"),
    ("suside", "suicide"),
    ("suisidal", "suicidal"),
    ("mysef", "myself"),
    ("meself", "myself"),
];

/// Words whose one-letter misspellings are read as the word.
const CORE: [&str; 5] = ["suicide", "suicidal", "myself", "overdose", "unalive"];

/// Words one letter away from a core word that mean what they say.
const REAL: &[&str] = &[
    "overdosed", "overdoses", "overdoes", "overdosis", "suicides", "suicida", "suicidas",
    "suicidar", "suicidio", "suicided", "unalived", "unalives", "suicidals", "herself", "itself",
    "mysel", "yourself",
];

/// Words that may stand in a run of joined letters.
const JOINED: &[&str] = &[
    "i", "a", "am", "want", "to", "die", "kill", "my", "self", "myself", "end", "it", "all", "life",
    "suicide", "suicidal", "going", "not", "do", "be", "dead", "alive", "here", "anymore", "hurt",
    "cut", "live", "unalive", "kms", "me", "the", "this", "wanna", "gonna", "no", "more",
];

static FORM: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| FORMS.iter().copied().collect());

static MISSPELT: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut all = HashMap::new();
    for word in CORE {
        for variant in one_letter_away(word) {
            let real = REAL.contains(&variant.as_str()) || CORE.contains(&variant.as_str());
            if !real {
                all.entry(variant).or_insert(word);
            }
        }
    }
    all
});

/// The words with one space between and every form written out.
pub(super) fn expand(words: &[&str]) -> String {
    let mut out: Vec<&str> = Vec::with_capacity(words.len());
    for word in words {
        let form = FORM.get(word).copied();
        let form = form.or_else(|| MISSPELT.get(*word).copied()).unwrap_or(word);
        if form == "self" && out.last() == Some(&"my") {
            out.pop();
            out.push("myself");
        } else {
            out.push(form);
        }
    }
    out.join(" ")
}

/// Parts joined letters into words, if they are made of a few known ones.
pub(super) fn segment(letters: &str) -> String {
    // best[n] = words that make up the first n letters; joined letters are short.
    if letters.len() > 64 || !letters.is_ascii() {
        return letters.to_owned();
    }
    let mut best: Vec<Option<Vec<&str>>> = vec![None; letters.len() + 1];
    if let Some(first) = best.first_mut() {
        *first = Some(Vec::new());
    }
    for end in 1..=letters.len() {
        let found = JOINED
            .iter()
            .filter_map(|word| {
                let start = end.checked_sub(word.len())?;
                (letters.get(start..end)? == *word).then_some(())?;
                let mut words = best.get(start)?.clone()?;
                words.push(word);
                Some(words)
            })
            .min_by_key(Vec::len);
        if let Some(slot) = best.get_mut(end) {
            *slot = found;
        }
    }
    match best.pop().flatten() {
        Some(words) => words.join(" "),
        None => letters.to_owned(),
    }
}

/// Every spelling with one letter missing, doubled, swapped, wrong or too much.
fn one_letter_away(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut all = Vec::new();
    let text = |letters: &[char]| letters.iter().collect::<String>();
    for at in 0..letters.len() {
        let mut less = letters.clone();
        less.remove(at);
        all.push(text(&less));
        let mut swapped = letters.clone();
        if at + 1 < swapped.len() {
            swapped.swap(at, at + 1);
            all.push(text(&swapped));
        }
        for other in 'a'..='z' {
            let mut wrong = letters.clone();
            if let Some(slot) = wrong.get_mut(at) {
                *slot = other;
            }
            all.push(text(&wrong));
        }
    }
    for at in 0..=letters.len() {
        for other in 'a'..='z' {
            let mut more = letters.clone();
            more.insert(at, other);
            all.push(text(&more));
        }
    }
    all
}
