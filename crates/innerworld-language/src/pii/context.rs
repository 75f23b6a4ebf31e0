//! Data that only the words before it, or its pair, give away.

use std::sync::LazyLock;

use regex::Regex;

use super::{Class, Signs, Taken};
use crate::pattern::fixed;

static DECIMAL_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"[+-]?(?P<lat>[0-9]{1,2}\.[0-9]{3,12}) ?°? ?[NSns]?(?: ?[,;/] ?| )",
        r"[+-]?(?P<lon>[0-9]{1,3}\.[0-9]{3,12})(?: ?°)?(?: ?[EWOewo]\b)?",
    ))
});
static DEGREES_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r#"[0-9]{1,2} ?° ?[0-9]{1,2} ?['′] ?(?:[0-9]{1,2}(?:\.[0-9]{1,6})? ?["″] ?)?[NSns],? ?"#,
        r#"[0-9]{1,3} ?° ?[0-9]{1,2} ?['′] ?(?:[0-9]{1,2}(?:\.[0-9]{1,6})? ?["″] ?)?[EWOewo]\b"#,
    ))
});

macro_rules! months {
    () => {
        concat!(
            r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?",
            r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril",
            r"|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\.?"
        )
    };
}

static BIRTH_DATE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:born|birthday|birthdate|birth date|date of birth|bday|b-day|dob|d\.o\.b\.?|naci[óo]?|nac[íi]|nacimiento|cumplea[ñn]os)\b",
        r"[^0-9\n.!?]{0,40}?\b(?P<date>",
        r"[0-9]{1,2}[/. -][0-9]{1,2}[/. -](?:19|20)?[0-9]{2}",
        r"|(?:19|20)[0-9]{2}[/. -][0-9]{1,2}[/. -][0-9]{1,2}",
        r"|[0-9]{1,2}(?:st|nd|rd|th)?,? (?:of |de )?",
        months!(),
        r",? (?:of |de |del )?(?:19|20)[0-9]{2}",
        r"|",
        months!(),
        r" [0-9]{1,2}(?:st|nd|rd|th)?,? (?:19|20)[0-9]{2}",
        r")\b",
    ))
});

static PASSWORD: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:password|passwort|passcode|passphrase|pass word|pwd|contrase[ñn]a)s?",
        r"(?: (?:for|to|of) [\w' -]{1,30}?)?(?: ?[:=] ?| (?:is|was|es|are) (?:now |just |still |also )?(?:: ?)?)",
        r#"["'`]?(?P<secret>[^\s"'`]{1,128})"#,
    ))
});
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:pin|pin code|login code|access code|verification code|clave)(?: ?[:=] ?| (?:is|es) )(?P<secret>[0-9][0-9 -]{2,10}[0-9])\b",
    )
});

/// What people say about a password instead of telling it.
const NO_PASSWORDS: &[&str] = &[
    "wrong",
    "incorrect",
    "not",
    "the",
    "too",
    "so",
    "really",
    "very",
    "my",
    "a",
    "an",
    "weak",
    "stolen",
    "gone",
    "expired",
    "secret",
    "safe",
    "private",
    "strong",
    "lost",
    "something",
    "hacked",
    "always",
    "never",
    "in",
    "on",
    "that",
    "what",
    "hard",
    "easy",
    "long",
    "short",
    "different",
    "saved",
    "it",
    "required",
    "needed",
    "important",
    "stupid",
    "like",
    "our",
    "your",
    "his",
    "her",
    "their",
    "kind",
    "pretty",
    "literally",
    "muy",
    "una",
    "un",
    "mi",
    "la",
    "el",
];

static ID: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:student|school|driver'?s?|driving|licen[cs]e|passport|national|medicare|insurance|matr[ií]cula|dni|nie)",
        r"(?: (?:id|card|licen[cs]e|number|no\.?|num|#)){0,3}(?: ?[:=#] ?| (?:is|es) )",
        r"(?P<id>[A-Za-z]{0,3}[- ]?[0-9][0-9A-Za-z-]{3,20})\b",
    ))
});
static SSN_CONTEXT: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:ssn|social security(?: (?:number|no\.?|#))?|my social)\b[^0-9\n]{0,16}",
        r"(?P<ssn>[0-9](?:[ .-]{0,3}[0-9]){8})\b",
    ))
});
static POSTCODE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:zip(?: ?code)?|post ?code|postal code|c[óo]digo postal)(?: ?[:=] ?| (?:is|es) | )",
        r"(?P<code>[0-9]{4,5}(?:-[0-9]{4})?|[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}|[a-z][0-9][a-z] ?[0-9][a-z][0-9])\b",
    ))
});

/// Takes pairs of coordinates precise enough to find a house.
pub(super) fn coordinates(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in DECIMAL_PAIR.captures_iter(text) {
        let within = |name, limit: f64| {
            found
                .name(name)
                .and_then(|m| m.as_str().parse::<f64>().ok())
                .is_some_and(|degrees| degrees <= limit)
        };
        if let (Some(whole), true) = (found.get(0), within("lat", 90.0) && within("lon", 180.0)) {
            taken.add(Class::Location, whole.start(), whole.end());
        }
    }
    for found in DEGREES_PAIR.find_iter(text) {
        taken.add(Class::Location, found.start(), found.end());
    }
}

/// Takes full dates after a word of birth; a date alone stays, since it is what memory is about.
pub(super) fn birth_dates(taken: &mut Taken<'_>) {
    add_named(taken, &BIRTH_DATE, Class::BirthDate, "date");
}

/// Takes passwords and codes that are told.
pub(super) fn passwords(taken: &mut Taken<'_>, signs: &Signs<'_>) {
    if signs.has("pa") || signs.has("pwd") || signs.has("contra") {
        told_passwords(taken);
    }
    if signs.digit {
        add_named(taken, &CODE, Class::Password, "secret");
    }
}

fn told_passwords(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in PASSWORD.captures_iter(text) {
        let Some(secret) = found.name("secret") else {
            continue;
        };
        let kept = secret
            .as_str()
            .trim_end_matches(['.', ',', '!', '?', ';', ')']);
        let told = !kept.starts_with('[') && !NO_PASSWORDS.contains(&kept.to_lowercase().as_str());
        if told {
            taken.add(Class::Password, secret.start(), secret.start() + kept.len());
        }
    }
}

/// Takes identity numbers after their name.
pub(super) fn ids(taken: &mut Taken<'_>) {
    add_named(taken, &SSN_CONTEXT, Class::Ssn, "ssn");
    add_named(taken, &ID, Class::Id, "id");
}

/// Takes postal codes after their name.
pub(super) fn postcodes(taken: &mut Taken<'_>) {
    add_named(taken, &POSTCODE, Class::Postcode, "code");
}

fn add_named(taken: &mut Taken<'_>, pattern: &Regex, class: Class, name: &str) {
    let text = taken.text();
    for found in pattern.captures_iter(text) {
        if let Some(part) = found.name(name) {
            taken.add(class, part.start(), part.end());
        }
    }
}
