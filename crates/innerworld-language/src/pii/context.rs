//! Data that only the words before it, or its pair, give away.

use std::sync::LazyLock;

use regex::Regex;

use super::{Class, Taken};
use crate::pattern::fixed;

static DECIMAL_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"[+-]?(?P<lat>[0-9]{1,2}\.[0-9]{3,12}) ?°? ?[NSns]?(?: ?[,;/] ?| )",
        r"[+-]?(?P<lon>[0-9]{1,3}\.[0-9]{3,12})(?: ?°)?(?: ?[EWOewo]\b)?",
    ))
});
static NAMED_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\blat(?:itude)?[ :=]{1,3}[+-]?(?P<lat>[0-9]{1,2}\.[0-9]{2,12}) ?°?[ns]?[ ,;/]{1,3}(?:and )?",
        r"(?:lon|lng|long|longitude)[ :=]{1,3}[+-]?(?P<lon>[0-9]{1,3}\.[0-9]{2,12})",
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
        r"[0-9]{1,2} ?[/. -] ?[0-9]{1,2} ?[/. -] ?(?:19|20)?[0-9]{2}",
        r"|(?:19|20)[0-9]{2} ?[/. -] ?[0-9]{1,2} ?[/. -] ?[0-9]{1,2}",
        r"|(?:the )?[0-9]{1,2}(?:st|nd|rd|th)?,? (?:of |de )?",
        months!(),
        r",? (?:of |de |del )?(?:19|20)[0-9]{2}",
        r"|",
        months!(),
        r" [0-9]{1,2}(?:st|nd|rd|th)?,? (?:19|20)[0-9]{2}",
        r")\b",
    ))
});

static ID: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:student|school|driver'?s?|driving|licen[cs]e|passport|national|medicare|insurance|plate|matr[ií]cula|dni|nie)",
        r"(?: (?:id|card|licen[cs]e|permit|plate|number|no\.?|num|#)){0,3}(?: ?[:=#] ?| (?:is|es) )",
        r"(?P<id>[A-Za-z]{0,3}[- ]?[0-9][0-9A-Za-z-]{3,20})\b",
    ))
});
/// The word "number" or "id" is enough where the number has a letter and a row of digits.
static ID_BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(concat!(
        r"(?i)\b(?:student|school|driver'?s?|driving|licen[cs]e|passport|medicare|insurance|plate)",
        r"(?: (?:licen[cs]e|permit|card|plate)){0,2} (?:id|number|no\.?|num|#) ?",
        r"(?P<id>[A-Za-z]{1,3}[- ]?[0-9]{3}[0-9A-Za-z-]{1,18})\b",
    ))
});
static MAC: LazyLock<Regex> = LazyLock::new(|| fixed(r"(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b"));
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
    let pairs = DECIMAL_PAIR.captures_iter(text);
    for found in pairs.chain(NAMED_PAIR.captures_iter(text)) {
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

/// Takes identity numbers after their name.
pub(super) fn ids(taken: &mut Taken<'_>) {
    add_named(taken, &SSN_CONTEXT, Class::Ssn, "ssn");
    add_named(taken, &ID, Class::Id, "id");
    add_named(taken, &ID_BESIDE, Class::Id, "id");
}

/// Takes the addresses of network cards.
pub(super) fn hardware(taken: &mut Taken<'_>) {
    let text = taken.text();
    for found in MAC.find_iter(text) {
        taken.add(Class::Id, found.start(), found.end());
    }
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
