//! Step 3, word by word: repeated letters, chat forms, slips of the core words.

use std::{borrow::Cow, sync::LazyLock};

use crate::{fnv::WordMap, safety::core_words::corrected};

/// Contractions and chat forms, behind what they stand for. No full form holds a word that has another one.
const FORMS: &[(&str, &[&str])] = &[
    ("i am", &["im", "i'm", "iam"]),
    ("i have", &["ive", "i've"]),
    ("i would", &["i'd"]),
    ("i will", &["i'll"]),
    ("i am going to", &["imma", "ima", "i'mma", "i'ma"]),
    ("want to", &["wanna", "wana"]),
    (
        "going to",
        &[
            "gonna", "gona", "gunna", "finna", "boutta", "bouta", "tryna",
        ],
    ),
    ("have to", &["gotta"]),
    ("can not", &["cant", "can't", "cannot"]),
    ("do not", &["dont", "don't", "dnt"]),
    ("does not", &["doesnt", "doesn't"]),
    ("did not", &["didnt", "didn't"]),
    ("will not", &["wont", "won't"]),
    ("would not", &["wouldnt", "wouldn't"]),
    ("could not", &["couldnt", "couldn't"]),
    ("should not", &["shouldnt", "shouldn't"]),
    ("is not", &["isnt", "isn't", "aint", "ain't"]),
    ("are not", &["arent", "aren't"]),
    ("was not", &["wasnt", "wasn't"]),
    ("were not", &["werent", "weren't"]),
    ("have not", &["havent", "haven't"]),
    ("has not", &["hasnt", "hasn't"]),
    ("they would", &["they'd", "theyd"]),
    ("everyone would", &["everyone'd"]),
    ("he is", &["he's", "hes"]),
    ("she is", &["she's", "shes"]),
    ("it is", &["it's"]),
    ("there is", &["there's", "theres"]),
    ("that is", &["that's", "thats"]),
    ("what is", &["what's", "whats"]),
    ("kind of", &["kinda"]),
    ("you would", &["you'd", "youd"]),
    ("you are", &["you're", "youre"]),
    ("they are", &["they're", "theyre"]),
    ("they will", &["they'll"]),
    ("he will", &["he'll"]),
    ("she will", &["she'll"]),
    ("had not", &["hadnt", "hadn't"]),
    ("really", &["rly", "rlly", "reely"]),
    ("about", &["abt", "bout"]),
    (
        "something",
        &["smth", "sth", "smthn", "sumthing", "somethin"],
    ),
    ("have", &["hav"]),
    (
        "because",
        &["bc", "cuz", "coz", "cos", "becuz", "becos", "becuse"],
    ),
    ("would", &["wud"]),
    ("should", &["shud"]),
    ("when", &["wen"]),
    ("tonight", &["tonite", "2nite"]),
    (
        "tomorrow",
        &["tmrw", "tmr", "tmrrw", "tomoz", "tomoro", "2moro"],
    ),
    ("night", &["nite"]),
    ("a lot", &["alot"]),
    ("you", &["u"]),
    ("your", &["ur"]),
    ("are", &["r"]),
    ("and", &["n", "nd", "adn"]),
    ("with", &["w", "wit", "wiv"]),
    ("people", &["ppl"]),
    ("someone", &["some1", "sum1"]),
    ("no one", &["no1"]),
    ("going", &["goin"]),
    // Slips of words that carry what is meant and are too short for the rule of one letter.
    ("want", &["wnat", "wnt"]),
    ("life", &["lif", "lfie", "lyfe"]),
    ("dead", &["ded", "daed"]),
    ("dying", &["dieing", "dyin"]),
    ("alive", &["aliv", "alife"]),
    ("exist", &["exsist", "exst"]),
    ("wish", &["wsh"]),
    ("hope", &["hoep"]),
    ("keep", &["kep", "kepe"]),
    ("again", &["agian", "agin", "agen", "agn"]),
    ("every", &["evry", "evrey"]),
    ("cutting", &["cuting", "cuttin"]),
    ("hurting", &["hurtin"]),
    ("wanting", &["wantin"]),
    ("tried", &["tryed"]),
    ("never", &["nevr", "nver", "neva"]),
    ("think", &["thnk"]),
    ("purpose", &["purpse", "purpos", "purpous"]),
    ("clean", &["celan"]),
    ("doing", &["doign", "doin"]),
    ("quiero", &["kiero", "kero"]),
    ("quise", &["kise"]),
    ("que", &["q", "ke"]),
    ("porque", &["xq", "porq"]),
];

static FULL_FORMS: LazyLock<WordMap<&str, &str>> = LazyLock::new(|| {
    let forms = FORMS.iter();
    let each = forms.flat_map(|(full, forms)| forms.iter().map(move |form| (*form, *full)));
    each.collect()
});

/// Every contraction and chat form.
pub(super) fn forms() -> impl Iterator<Item = &'static str> {
    FULL_FORMS.keys().copied()
}

/// Bytes of the longest of them.
const LONGEST_FORM: usize = 11;

fn full_form(word: &str) -> Option<&'static str> {
    (word.len() <= LONGEST_FORM)
        .then(|| FULL_FORMS.get(word).copied())
        .flatten()
}

/// `text` with every word read.
pub(super) fn words(text: &str) -> String {
    let mut read = String::with_capacity(text.len() + 16);
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() || c == '\'' {
            continue;
        }
        push_word(&mut read, text.get(start..at).unwrap_or_default(), Some(c));
        read.push(c);
        start = at + c.len_utf8();
    }
    push_word(&mut read, text.get(start..).unwrap_or_default(), None);
    read
}

/// Writes a word behind what was read, before the character that follows it.
fn push_word(read: &mut String, word: &str, next: Option<char>) {
    if word.is_empty() {
        return;
    }
    let core = word.trim_matches('\'');
    if core.is_empty() {
        read.push_str(word);
        return;
    }
    let short = at_most_two_alike(core);
    // Only quotation marks stand around the core.
    let marks = word.len() - word.trim_start_matches('\'').len();
    let before = word.get(..marks).unwrap_or_default();
    let after = word.get(marks + core.len()..).unwrap_or_default();
    // A letter beside a mark may be a piece of a word that is written with marks.
    let apart = read.is_empty() || read.ends_with(' ');
    let is_piece = short.len() == 1 && !(apart && next.is_none_or(|c| matches!(c, ' ' | ',')));
    read.push_str(before);
    if is_piece {
        read.push_str(&short);
    } else if short == "self" && (read == "my " || read.ends_with(" my ")) {
        read.truncate(read.len() - 1);
        read.push_str("self");
    } else {
        read.push_str(
            full_form(&short)
                .or_else(|| corrected(&short))
                .unwrap_or(&short),
        );
    }
    read.push_str(after);
}

fn at_most_two_alike(word: &str) -> Cow<'_, str> {
    let bytes = word.as_bytes();
    let alike = |three: &[u8]| three.windows(2).all(|two| two.first() == two.last());
    if word.is_ascii() && !bytes.windows(3).any(alike) {
        return Cow::Borrowed(word);
    }
    let mut short = String::with_capacity(word.len());
    let (mut last, mut times) = ('\0', 0);
    for c in word.chars() {
        times = if c == last { times + 1 } else { 1 };
        last = c;
        if times <= 2 || !c.is_alphabetic() {
            short.push(c);
        }
    }
    short.into()
}
