//! What a model wrote -> the items in it, however it was wrapped.

use serde_json::{Map, Value};

use super::schema::Section;

/// Characters of an answer that are read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Places where the object may begin that are tried.
const MAX_STARTS: usize = 8;
/// Keys that models write in place of ours, for any section.
const ALIASES: &[(&str, &str)] = &[
    ("id", "t"),
    ("temp_id", "t"),
    ("ref", "t"),
    ("title", "name"),
    ("entity", "name"),
    ("aka", "aliases"),
    ("alias", "aliases"),
    ("existing", "existing_id"),
    ("known_id", "existing_id"),
    ("source", "from"),
    ("src", "from"),
    ("subject", "from"),
    ("target", "to"),
    ("dst", "to"),
    ("object", "to"),
    ("sign", "polarity"),
    ("date", "when"),
    ("valid_from", "when"),
    ("line", "lines"),
    ("line_ids", "lines"),
    ("line_id", "lines"),
    ("turns", "lines"),
    ("evidence", "quote"),
    ("text", "quote"),
    ("intensity", "weight"),
    ("score", "weight"),
    ("emotion", "label"),
    ("type", "kind"),
    ("relation", "kind"),
    ("relationship", "kind"),
    ("label", "kind"),
];

/// What was found in an answer.
pub struct Parsed {
    /// Items of each section, in the order of [`Section::ALL`].
    pub items: [Vec<Value>; 3],
    /// False if the answer broke off: what is here was complete.
    pub complete: bool,
    /// Whether any of the arrays was there at all.
    pub answered: bool,
    /// Whether it is the schema itself.
    pub is_schema: bool,
}

impl std::fmt::Debug for Parsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parsed")
            .field("complete", &self.complete)
            .finish_non_exhaustive()
    }
}

/// Finds the outermost object (or array of nodes) in `answer`; fences and prose around it do not
/// matter. `None` if there is none.
pub fn parse(answer: &str) -> Option<Parsed> {
    let answer = answer.get(..MAX_ANSWER_BYTES).unwrap_or(answer);
    let starts = answer
        .char_indices()
        .filter(|(_, letter)| matches!(letter, '{' | '['));
    starts
        .take(MAX_STARTS)
        .filter_map(|(at, _)| answer.get(at..))
        .find_map(|text| {
            let (value, complete) = outermost(text)?;
            sections(value, complete)
        })
}

/// The JSON value at the start of `text`, and whether it is whole. A value that breaks off is closed
/// behind its last complete item.
fn outermost(text: &str) -> Option<(Value, bool)> {
    let mut stack: Vec<char> = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    let mut whole_until: Option<(usize, Vec<char>)> = None;
    for (at, letter) in text.char_indices() {
        if quoted {
            quoted = letter != '"' || escaped;
            escaped = letter == '\\' && !escaped;
            continue;
        }
        match letter {
            '"' => quoted = true,
            '{' => stack.push('}'),
            '[' => stack.push(']'),
            '}' | ']' => {
                if stack.pop() != Some(letter) {
                    return None;
                }
                let end = at + 1;
                if stack.is_empty() {
                    let value = serde_json::from_str(text.get(..end)?).ok()?;
                    return Some((value, true));
                }
                if letter == '}' && stack.last() == Some(&']') {
                    whole_until = Some((end, stack.clone()));
                }
            }
            _ => {}
        }
    }
    let (end, open) = whole_until?;
    let closers: String = open.iter().rev().collect();
    let closed = format!("{}{closers}", text.get(..end)?);
    Some((serde_json::from_str(&closed).ok()?, false))
}

fn sections(value: Value, complete: bool) -> Option<Parsed> {
    let mut fields = match value {
        Value::Object(fields) => fields,
        // A bare array holds the nodes.
        Value::Array(items) if items.iter().all(Value::is_object) => {
            Map::from_iter([("nodes".to_owned(), Value::Array(items))])
        }
        _ => return None,
    };
    let is_schema = fields.contains_key("properties") || fields.contains_key("$schema");
    let keys: Vec<String> = fields.keys().cloned().collect();
    for key in keys {
        let ours = match key.to_lowercase().as_str() {
            "entities" | "vertices" | "node" => "nodes",
            "relations" | "relationships" | "links" | "edge" => "edges",
            "moods" | "feelings" | "emotion" => "emotions",
            _ => continue,
        };
        if !fields.contains_key(ours)
            && let Some(value) = fields.remove(&key)
        {
            fields.insert(ours.to_owned(), value);
        }
    }
    let mut answered = false;
    let items = Section::ALL.map(|section| match fields.remove(section.name()) {
        Some(Value::Array(items)) => {
            answered = true;
            let items = items.into_iter();
            items.map(|item| tidy(section, item)).collect()
        }
        _ => Vec::new(),
    });
    // An object around the answer (`{"result": {...}}`), once.
    if !answered && !is_schema && fields.len() == 1 {
        let inner = fields.into_iter().next().map(|(_, inner)| inner);
        return match inner {
            Some(Value::Object(inner)) => sections(flat(inner), complete),
            _ => Some(Parsed {
                items,
                complete,
                answered,
                is_schema,
            }),
        };
    }
    Some(Parsed {
        items,
        complete,
        answered,
        is_schema,
    })
}

/// The wrapped object with nothing that would be unwrapped again.
fn flat(mut inner: Map<String, Value>) -> Value {
    inner.insert("unwrapped".to_owned(), Value::Null);
    inner.insert("once".to_owned(), Value::Null);
    Value::Object(inner)
}

/// Renames known keys, fills in what may be absent, leaves out what is not known.
fn tidy(section: Section, item: Value) -> Value {
    let Value::Object(mut given) = item else {
        return item;
    };
    let mut out = Map::new();
    for key in section.keys() {
        let value = given.remove(key).or_else(|| {
            let mut names = ALIASES.iter().filter(|(_, ours)| *ours == key);
            names.find_map(|(theirs, _)| given.remove(*theirs))
        });
        if let Some(value) = value.or_else(|| absent(key)) {
            out.insert(key.to_owned(), shaped(section, key, value));
        }
    }
    Value::Object(out)
}

fn absent(key: &str) -> Option<Value> {
    match key {
        "aliases" => Some(Value::Array(Vec::new())),
        "existing_id" | "slot" | "when" => Some(Value::Null),
        "polarity" => Some("+".into()),
        _ => None,
    }
}

/// One value where a list of one is meant, and the letter case of the vocabulary.
fn shaped(section: Section, key: &str, value: Value) -> Value {
    match (key, value) {
        ("lines" | "aliases", Value::String(one)) => Value::Array(vec![one.into()]),
        ("aliases", Value::Null) => Value::Array(Vec::new()),
        ("kind", Value::String(kind)) if section == Section::Nodes => {
            let lower = kind.to_lowercase();
            let mut letters = lower.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<String>().into()
        }
        ("kind", Value::String(kind)) => kind.to_lowercase().replace([' ', '-'], "_").into(),
        ("slot" | "when" | "existing_id", Value::String(text)) if text.trim().is_empty() => {
            Value::Null
        }
        ("slot", Value::String(slot)) => slot.to_lowercase().replace([' ', '-'], "_").into(),
        ("label", Value::String(label)) => label.to_lowercase().into(),
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(answer: &str) -> Option<(usize, bool)> {
        parse(answer).map(|parsed| (parsed.items[0].len(), parsed.complete))
    }

    #[test]
    fn the_object_is_found_in_whatever_wraps_it() {
        let node = r#"{"t":"n1","name":"a } [ \" b"}"#;
        for answer in [
            format!("{{\"nodes\":[{node}]}}"),
            format!("Sure! [Here] it is:\n```json\n{{\"nodes\":[{node}]}}\n```\nBye {{x"),
            format!("[{node}]"),
            format!("{{\"result\":{{\"entities\":[{node}]}}}}"),
        ] {
            assert_eq!(nodes(&answer), Some((1, true)), "{answer}");
        }
        for answer in ["", "no json", "\"nodes\"", "[1,2]", "{\"nodes\":"] {
            assert_eq!(nodes(answer), None, "{answer}");
        }
    }

    #[test]
    fn what_is_complete_of_a_broken_answer_is_kept() {
        let answer = r#"{"nodes":[{"t":"n1","lines":["L1"]},{"t":"n2","lines":["L2"]},{"t":"n"#;
        assert_eq!(nodes(answer), Some((2, false)));
        assert_eq!(nodes(r#"[{"t":"n1"},{"t""#), Some((1, false)));
    }

    #[test]
    fn keys_of_others_become_ours() {
        let answer = r#"{"relations":[{"type":"Relates To","source":"teen","target":"n1","line":"L1","text":"q","sure":1}]}"#;
        let parsed = parse(answer).unwrap();
        let wanted = serde_json::json!({"kind":"relates_to","from":"teen","to":"n1","slot":null,
            "polarity":"+","when":null,"lines":["L1"],"quote":"q"});
        assert_eq!(parsed.items[1], [wanted]);
    }
}
