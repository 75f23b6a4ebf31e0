//! Clauses, in the order in which they may stand.

use super::{
    Violation, is,
    scope::{Held, Scope, is_name},
    tokens::Token,
};
use crate::neptune::statements::PAGE;

/// Reads a statement, and refuses it where it leaves the dialect.
pub(super) struct Parser<'a> {
    tokens: &'a [(usize, Token<'a>)],
    /// Length of the text: where the end is.
    end: usize,
    pub(super) scope: Scope<'a>,
    /// Whether something before could give more than one row.
    many: bool,
    /// Whether everything that is returned is counted.
    counts: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [(usize, Token<'a>)], end: usize) -> Self {
        Self {
            tokens,
            end,
            scope: Scope::default(),
            many: false,
            counts: false,
        }
    }

    /// A whole statement.
    pub(super) fn statement(&mut self) -> Result<(), Violation> {
        loop {
            let clause = self.keyword().ok_or_else(|| {
                self.refuse("a clause begins with its keyword, and a statement ends with RETURN")
            })?;
            match clause {
                "UNWIND" => self.unwind()?,
                "OPTIONAL" => {
                    self.word("MATCH")?;
                    self.matches()?;
                }
                "MATCH" => self.matches()?,
                "MERGE" => self.merge()?,
                "SET" => self.set()?,
                "DETACH" => {
                    self.word("DELETE")?;
                    self.delete()?;
                }
                "DELETE" => self.delete()?,
                "WITH" => self.with()?,
                "RETURN" => return self.returns(),
                _ => return Err(self.refuse("this clause is not in the dialect")),
            }
        }
    }

    fn unwind(&mut self) -> Result<(), Violation> {
        self.many = true;
        let Some(Token::Parameter(_list)) = self.take() else {
            return Err(self.refuse("UNWIND takes a parameter"));
        };
        self.word("AS")?;
        let name = self.name()?;
        self.bind(name, Held::Element)
    }

    fn matches(&mut self) -> Result<(), Violation> {
        self.many = true;
        self.pattern()?;
        while self.sign(",") {
            self.pattern()?;
        }
        self.filter()
    }

    fn set(&mut self) -> Result<(), Violation> {
        loop {
            let name = self.name()?;
            if !matches!(self.scope.held(name), Some(Held::Node | Held::Edge)) {
                return Err(self.refuse("SET names a matched node or edge"));
            }
            self.expect(".")?;
            self.property()?;
            self.expect("=")?;
            self.value(|parameter| parameter == "teen")?;
            if !self.sign(",") {
                return Ok(());
            }
        }
    }

    fn delete(&mut self) -> Result<(), Violation> {
        loop {
            let name = self.name()?;
            if !matches!(self.scope.held(name), Some(Held::Node | Held::Edge)) {
                return Err(self.refuse("DELETE names a matched node or edge"));
            }
            if !self.sign(",") {
                return Ok(());
            }
        }
    }

    fn with(&mut self) -> Result<(), Violation> {
        self.scope = self.items()?;
        self.ordered()?;
        self.limited()?;
        self.filter()
    }

    fn returns(&mut self) -> Result<(), Violation> {
        self.items()?;
        self.ordered()?;
        let limited = self.limited()?;
        if !self.tokens.is_empty() {
            return Err(self.refuse("RETURN comes last"));
        }
        if self.many && !limited && !self.counts {
            return Err(self.refuse("what returns rows has LIMIT 500"));
        }
        Ok(())
    }

    /// Items of `WITH` or `RETURN`; what they are called after it.
    fn items(&mut self) -> Result<Scope<'a>, Violation> {
        let mut after = Scope::default();
        self.counts = true;
        loop {
            let item = self.operand()?;
            self.counts &= item.counts;
            let name = if self.is_keyword("AS") {
                self.take();
                self.name()?
            } else {
                item.variable
                    .ok_or_else(|| self.refuse("what is computed gets a name by AS"))?
            };
            if !after.bind(name, item.held) {
                return Err(self.refuse("a name stands for one thing"));
            }
            if !self.sign(",") {
                return Ok(after);
            }
        }
    }

    fn ordered(&mut self) -> Result<(), Violation> {
        if !self.is_keyword("ORDER") {
            return Ok(());
        }
        self.take();
        self.word("BY")?;
        loop {
            self.operand()?;
            if self.is_keyword("DESC") {
                self.take();
            }
            if !self.sign(",") {
                return Ok(());
            }
        }
    }

    fn limited(&mut self) -> Result<bool, Violation> {
        if !self.is_keyword("LIMIT") {
            return Ok(false);
        }
        self.take();
        match self.take() {
            Some(Token::Number(limit)) if limit.parse::<usize>() == Ok(PAGE) => Ok(true),
            _ => Err(self.refuse("a limit is static, and 500")),
        }
    }

    fn filter(&mut self) -> Result<(), Violation> {
        if !self.is_keyword("WHERE") {
            return Ok(());
        }
        self.take();
        self.condition()
    }
}

/// Steps from token to token.
impl<'a> Parser<'a> {
    pub(super) fn take(&mut self) -> Option<Token<'a>> {
        let ((_at, token), rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*token)
    }

    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.first().map(|(_at, token)| *token)
    }

    /// Takes the sign if it is next.
    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let there = is(self.tokens.first(), &Token::Sign(sign));
        if there {
            self.take();
        }
        there
    }

    pub(super) fn expect(&mut self, sign: &str) -> Result<(), Violation> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.refuse("another sign belongs here"))
        }
    }

    /// Takes a keyword, which is written in capitals.
    fn keyword(&mut self) -> Option<&'a str> {
        match self.peek() {
            Some(Token::Word(word)) => {
                self.take();
                Some(word)
            }
            _ => None,
        }
    }

    pub(super) fn is_keyword(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| is_word(&token, word))
    }

    pub(super) fn word(&mut self, word: &str) -> Result<(), Violation> {
        if self.is_keyword(word) {
            self.take();
            return Ok(());
        }
        Err(self.refuse("another keyword belongs here"))
    }

    /// Takes a name of ours.
    pub(super) fn name(&mut self) -> Result<&'a str, Violation> {
        match self.take() {
            Some(Token::Word(word)) if is_name(word) => Ok(word),
            _ => Err(self.refuse("a plain name belongs here")),
        }
    }

    /// Takes a property's name.
    pub(super) fn property(&mut self) -> Result<(), Violation> {
        self.name().map(|_name| ())
    }

    pub(super) fn bind(&mut self, name: &'a str, held: Held) -> Result<(), Violation> {
        if self.scope.bind(name, held) {
            return Ok(());
        }
        Err(self.refuse("a name stands for one thing"))
    }

    /// A refusal of what comes next.
    pub(super) fn refuse(&self, rule: &'static str) -> Violation {
        let at = self.tokens.first().map_or(self.end, |(at, _token)| *at);
        Violation { rule, at }
    }
}

fn is_word(token: &Token<'_>, word: &str) -> bool {
    *token == Token::Word(word)
}
