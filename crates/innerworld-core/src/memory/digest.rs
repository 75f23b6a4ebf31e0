//! The digest of a graph: what a persona knows at the start of a session, in at most 200 tokens.
//!
//! Rendered once per session and the same bytes all session long, since it stands in the cached
//! part of the prompt. It depends on the graph's content only, never on ids or their order.

mod view;
mod words;

pub(super) use self::words::MOODS;
use self::{view::View, words::Shown};
use super::{
    graph::{Graph, NodeId},
    pack::line_tokens,
};
use crate::{calendar, clock::Timestamp, secret::Text};

/// Most tokens of a digest, with the marks that quote it.
pub const DIGEST_TOKENS: usize = 200;
/// What the delimiters and the quotes of its lines take of them.
const QUOTING_TOKENS: usize = 18;

const MAX_PEOPLE: usize = 6;
const MAX_GOALS: usize = 3;
const MAX_NOW: usize = 4;
const MAX_DATES: usize = 3;
const MAX_TOPICS: usize = 2;

/// What a digest reads of the teen's account.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// What the teen is called, if that is known.
    pub teen_name: Option<&'a Text>,
    /// IANA time zone: days are told as the teen lived them.
    pub zone: &'a str,
}

/// What is told about the last session.
#[derive(Clone, Copy, Debug)]
pub struct LastSession<'a> {
    /// When it was.
    pub at: Timestamp,
    /// Name of what it was about most, if that is known.
    pub topic: Option<&'a str>,
}

/// Renders the digest; gives its text, one fact class a line, and the nodes it names, ascending.
/// Empty if there is nothing to tell.
pub fn render(
    graph: &Graph,
    now: Timestamp,
    account: Account<'_>,
    last_session: Option<LastSession<'_>>,
) -> (String, Vec<NodeId>) {
    let view = View::new(graph, now, calendar::day_in(account.zone, now));
    let mut digest = Digest::default();
    let name = account.teen_name.map(|name| name.reveal().as_str());
    if let Some(name) = name.and_then(words::plain_name) {
        digest.line("name", vec![Shown::new(name)]);
    }
    digest.line("people", view.people(MAX_PEOPLE));
    for goal in view.goals(MAX_GOALS) {
        digest.line("goal", vec![goal]);
    }
    digest.line("now", view.activities_and_places(MAX_NOW));
    digest.line("dates", view.dates(MAX_DATES));
    digest.line("on their mind lately", view.rising_topics(MAX_TOPICS));
    if let Some(last) = last_session {
        digest.line("last talk", vec![Shown::new(last_talk(last, account.zone))]);
    }
    digest.nodes.sort_unstable();
    digest.nodes.dedup();
    (digest.text, digest.nodes)
}

fn last_talk(last: LastSession<'_>, zone: &str) -> String {
    let day = words::short_day(calendar::day_in(zone, last.at));
    match last.topic.and_then(words::plain_name) {
        Some(topic) => format!("{day}, about {topic}"),
        None => day,
    }
}

#[derive(Default)]
struct Digest {
    text: String,
    nodes: Vec<NodeId>,
    tokens: usize,
}

impl Digest {
    /// Adds a line of as many items as fit; they come in order of importance.
    fn line(&mut self, label: &str, mut items: Vec<Shown>) {
        while !items.is_empty() {
            let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
            let line = format!("{label}: {}", texts.join("; "));
            let tokens = line_tokens(&line);
            if self.tokens + tokens <= DIGEST_TOKENS - QUOTING_TOKENS {
                self.tokens += tokens;
                self.text.push_str(&line);
                self.text.push('\n');
                self.nodes.extend(items.into_iter().flat_map(|i| i.nodes));
                return;
            }
            items.pop();
        }
    }
}
