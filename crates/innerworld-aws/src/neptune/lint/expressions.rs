//! What is compared and returned.

use super::{Violation, clauses::Parser, scope::Held, tokens::Token};

/// What an operand is.
pub(super) struct Operand<'a> {
    /// The variable, if it is one and nothing else.
    pub(super) variable: Option<&'a str>,
    /// What it holds.
    pub(super) held: Held,
    /// Whether it counts rows.
    pub(super) counts: bool,
}

impl Operand<'_> {
    const VALUE: Self = Self {
        variable: None,
        held: Held::Value,
        counts: false,
    };
}

impl<'a> Parser<'a> {
    /// Comparisons joined by `AND`.
    pub(super) fn condition(&mut self) -> Result<(), Violation> {
        self.comparison()?;
        while self.is_keyword("AND") {
            self.take();
            self.comparison()?;
        }
        Ok(())
    }

    fn comparison(&mut self) -> Result<(), Violation> {
        self.operand()?;
        if self.is_keyword("IS") {
            self.take();
            return self.word("NULL");
        }
        let compared = ["=", "<>", "<=", ">=", "<", ">"];
        if !compared.into_iter().any(|sign| self.sign(sign)) {
            return Err(self.refuse("a condition compares two values, or asks IS NULL"));
        }
        self.operand().map(|_other| ())
    }

    /// A parameter, a variable, a property, or one of the functions.
    pub(super) fn operand(&mut self) -> Result<Operand<'a>, Violation> {
        let word = match self.take() {
            Some(Token::Parameter(_name)) => return Ok(Operand::VALUE),
            Some(Token::Word(word)) => word,
            Some(Token::Number(_number)) => {
                return Err(self.refuse("no literals: values are parameters"));
            }
            _ => return Err(self.refuse("a parameter, a name or a function belongs here")),
        };
        if self.sign("(") {
            return self.call(word);
        }
        let held = self
            .scope
            .held(word)
            .ok_or_else(|| self.refuse("this name is not bound"))?;
        if self.sign(".") {
            self.property()?;
            return Ok(Operand::VALUE);
        }
        Ok(Operand {
            variable: Some(word),
            held,
            counts: false,
        })
    }

    /// What a property is set to or compared with in a pattern: an allowed parameter, an element of
    /// a list or a field of one; never a map or a list.
    pub(super) fn value(&mut self, allowed: impl Fn(&str) -> bool) -> Result<(), Violation> {
        match self.take() {
            Some(Token::Parameter(name)) if allowed(name) => Ok(()),
            Some(Token::Word(row)) if self.scope.held(row) == Some(Held::Element) => {
                if self.sign(".") {
                    self.property()?;
                }
                Ok(())
            }
            _ => Err(self.refuse(
                "a property takes $teen or a field of a row; in a pattern, a parameter too",
            )),
        }
    }

    /// The arguments of a function, behind its bracket.
    fn call(&mut self, function: &str) -> Result<Operand<'a>, Violation> {
        match function {
            "count" => {
                if !self.sign("*") {
                    self.bound(&[Held::Node, Held::Edge])?;
                }
                self.expect(")")?;
                return Ok(Operand {
                    counts: true,
                    ..Operand::VALUE
                });
            }
            "type" => {
                self.bound(&[Held::Edge])?;
                self.expect(")")?;
            }
            "startNode" | "endNode" => {
                self.bound(&[Held::Edge])?;
                self.expect(")")?;
                self.expect(".")?;
                self.property()?;
            }
            _ => return Err(self.refuse("this function is not in the dialect")),
        }
        Ok(Operand::VALUE)
    }

    /// A variable that holds one of these.
    fn bound(&mut self, allowed: &[Held]) -> Result<(), Violation> {
        let name = self.name()?;
        let held = self.scope.held(name);
        if held.is_some_and(|held| allowed.contains(&held)) {
            return Ok(());
        }
        Err(self.refuse("this function takes a matched node or edge"))
    }
}
