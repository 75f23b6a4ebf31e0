//! Rows of words as the rule files write them.
//!
//! `a|b` is a choice, `(a b|c)` a choice of several words each, `?` makes what stands before it
//! optional, `<name>` is a list of the file, `#` a number, `~3` up to three words of any kind, and
//! `^` at the beginning means that nothing of the same clause stands before the row.

use super::reading::words_of;

/// Most lists that may stand inside each other.
const DEEPEST: usize = 6;
/// Most brackets inside each other.
const BRACKETS: usize = 16;
/// Longest row, in words.
const LONGEST: usize = 28;
/// Widest `~`.
const WIDEST: u32 = 8;

/// What stands at one place of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Symbol {
    Word(String),
    Number,
    Any,
}

/// A row, read.
#[derive(Clone, Debug)]
pub(super) enum Node {
    One(Vec<Symbol>),
    Row(Vec<Node>),
    Choice(Vec<Node>),
    Optional(Box<Node>),
}

/// Why a row cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadRow {
    /// No list of this name.
    List(String),
    /// A word that no text is ever read as.
    Word(String),
    /// Anything else.
    Form(&'static str),
}

/// Reads a row. The first result is whether it stands at the beginning of a clause.
pub(super) fn read(
    row: &str,
    lists: &dyn Fn(&str) -> Option<String>,
) -> Result<(bool, Node), BadRow> {
    let (first, row) = match row.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, row),
    };
    let mut reader = Reader {
        rest: row.chars().collect(),
        at: 0,
        depth: 0,
        brackets: 0,
        lists,
    };
    let node = reader.row(false)?;
    if reader.at < reader.rest.len() {
        return Err(BadRow::Form("has a bracket too many"));
    }
    let (least, most) = length(&node);
    if least == 0 || most > LONGEST {
        return Err(BadRow::Form("matches no word at all, or too many"));
    }
    Ok((first, node))
}

/// Fewest and most words.
fn length(node: &Node) -> (usize, usize) {
    let of = |nodes: &[Node]| nodes.iter().map(length).collect::<Vec<_>>();
    match node {
        Node::One(_) => (1, 1),
        Node::Optional(inner) => (0, length(inner).1),
        Node::Row(nodes) => of(nodes)
            .into_iter()
            .fold((0, 0), |(a, b), (least, most)| (a + least, b + most)),
        Node::Choice(nodes) => {
            let all = of(nodes);
            let least = all.iter().map(|(least, _)| *least).min();
            let most = all.iter().map(|(_, most)| *most).max();
            (least.unwrap_or(0), most.unwrap_or(0))
        }
    }
}

struct Reader<'a> {
    rest: Vec<char>,
    at: usize,
    depth: usize,
    brackets: usize,
    lists: &'a dyn Fn(&str) -> Option<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn while_(&mut self, holds: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(c) = self.peek().filter(|c| holds(*c)) {
            taken.push(c);
            self.at += 1;
        }
        taken
    }

    /// Alternatives of one or more words each: in brackets and lists.
    fn choices(&mut self) -> Result<Node, BadRow> {
        let mut choices = vec![self.row(true)?];
        while self.eat('|') {
            choices.push(self.row(true)?);
        }
        Ok(choice(choices))
    }

    fn row(&mut self, inside: bool) -> Result<Node, BadRow> {
        let mut nodes = Vec::new();
        loop {
            self.while_(|c| c == ' ');
            match self.peek() {
                None | Some(')') => break,
                Some('|') if inside => break,
                Some(_) => nodes.push(self.term(inside)?),
            }
        }
        if nodes.is_empty() {
            return Err(BadRow::Form("has an empty choice"));
        }
        Ok(match nodes.len() {
            1 => nodes.remove(0),
            _ => Node::Row(nodes),
        })
    }

    fn term(&mut self, inside: bool) -> Result<Node, BadRow> {
        let mut choices = vec![self.atom()?];
        while !inside && self.eat('|') {
            choices.push(self.atom()?);
        }
        let node = choice(choices);
        Ok(if self.eat('?') {
            Node::Optional(Box::new(node))
        } else {
            node
        })
    }

    fn atom(&mut self) -> Result<Node, BadRow> {
        if self.eat('(') {
            self.brackets += 1;
            if self.brackets > BRACKETS {
                return Err(BadRow::Form("has too many brackets inside each other"));
            }
            let node = self.choices()?;
            self.brackets -= 1;
            return if self.eat(')') {
                Ok(node)
            } else {
                Err(BadRow::Form("has a bracket too few"))
            };
        }
        if self.eat('<') {
            let name = self.while_(|c| c != '>');
            self.eat('>');
            return self.list(name);
        }
        if self.eat('#') {
            return Ok(Node::One(vec![Symbol::Number]));
        }
        if self.eat('~') {
            let width: u32 = self
                .while_(|c| c.is_ascii_digit())
                .parse()
                .map_err(|_digits| BadRow::Form("has a ~ without a number"))?;
            if !(1..=WIDEST).contains(&width) {
                return Err(BadRow::Form("has a ~ that is too wide"));
            }
            let any = Node::Optional(Box::new(Node::One(vec![Symbol::Any])));
            return Ok(Node::Row((0..width).map(|_| any.clone()).collect()));
        }
        let word = self.while_(char::is_alphanumeric);
        let read = words_of(&word);
        match read.as_slice() {
            [one] if !word.is_empty() => Ok(Node::One(vec![Symbol::Word(one.text.clone())])),
            [] => Err(BadRow::Form("has a character that means nothing")),
            _ => Err(BadRow::Word(word)),
        }
    }

    fn list(&mut self, name: String) -> Result<Node, BadRow> {
        let text = (self.lists)(&name).filter(|_text| self.depth < DEEPEST);
        let Some(text) = text else {
            return Err(BadRow::List(name));
        };
        let mut reader = Reader {
            rest: text.chars().collect(),
            at: 0,
            depth: self.depth + 1,
            brackets: self.brackets,
            lists: self.lists,
        };
        let node = reader.choices()?;
        if reader.at < reader.rest.len() {
            return Err(BadRow::Form("uses a list with a bracket too many"));
        }
        Ok(node)
    }
}

/// Alternatives of one word each are one place.
fn choice(mut nodes: Vec<Node>) -> Node {
    if nodes.len() == 1 {
        return nodes.remove(0);
    }
    let (singles, mut others): (Vec<Node>, Vec<Node>) = nodes
        .into_iter()
        .partition(|node| matches!(node, Node::One(_)));
    let mut symbols: Vec<Symbol> = singles
        .into_iter()
        .flat_map(|node| match node {
            Node::One(symbols) => symbols,
            _ => Vec::new(),
        })
        .collect();
    symbols.sort();
    symbols.dedup();
    if !symbols.is_empty() {
        others.push(Node::One(symbols));
    }
    match others.len() {
        1 => others.remove(0),
        _ => Node::Choice(others),
    }
}
