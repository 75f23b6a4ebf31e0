//! Patterns: each node and edge is bound already, or carries the teen.

use innerworld_core::memory::ontology::{EdgeKind, NodeKind};

use super::{Violation, clauses::Parser, scope::Held, tokens::Token};

/// A node or an edge of a pattern.
#[derive(Clone, Copy, Debug, Default)]
struct Element {
    /// It was bound before.
    bound: bool,
    /// It has a label or a type.
    kind: bool,
    /// It carries `~id`.
    id: bool,
}

impl Parser<'_> {
    /// A path of nodes and edges.
    pub(super) fn pattern(&mut self) -> Result<(), Violation> {
        self.node()?;
        while self.edge_opens()? {
            self.node()?;
        }
        Ok(())
    }

    /// What `MERGE` takes: one new node, or one new edge between bound nodes, with kind and `~id`.
    pub(super) fn merge(&mut self) -> Result<(), Violation> {
        const RULE: &str =
            "MERGE makes one node, or one directed edge between bound nodes, by kind and `~id`";
        let made = self.node()?;
        let made = if made.bound {
            self.expect("-").map_err(|wrong| Violation {
                rule: RULE,
                ..wrong
            })?;
            let edge = self.edge()?;
            self.expect(">").map_err(|wrong| Violation {
                rule: RULE,
                ..wrong
            })?;
            if !self.node()?.bound {
                return Err(self.refuse(RULE));
            }
            edge
        } else {
            made
        };
        if made.kind && made.id {
            Ok(())
        } else {
            Err(self.refuse(RULE))
        }
    }

    /// An edge with its arrow, if one follows.
    fn edge_opens(&mut self) -> Result<bool, Violation> {
        let backward = self.sign("<");
        if !self.sign("-") {
            return if backward {
                Err(self.refuse("an edge belongs here"))
            } else {
                Ok(false)
            };
        }
        self.edge()?;
        if self.sign(">") && backward {
            return Err(self.refuse("an edge has one direction"));
        }
        Ok(true)
    }

    fn node(&mut self) -> Result<Element, Violation> {
        self.expect("(")?;
        let is_kind = |label: &str| NodeKind::parse(label).is_some();
        let node = self.element(Held::Node, is_kind)?;
        self.expect(")")?;
        Ok(node)
    }

    /// `[…]-`, behind the first dash.
    fn edge(&mut self) -> Result<Element, Violation> {
        self.expect("[")?;
        let is_kind = |label: &str| EdgeKind::parse(label).is_some();
        let edge = self.element(Held::Edge, is_kind)?;
        self.expect("]")?;
        self.expect("-")?;
        Ok(edge)
    }

    fn element(
        &mut self,
        held: Held,
        is_kind: impl Fn(&str) -> bool,
    ) -> Result<Element, Violation> {
        let name = self.name()?;
        let mut element = Element::default();
        match self.scope.held(name) {
            None => self.bind(name, held)?,
            Some(known) if known == held && held == Held::Node => {
                element.bound = true;
                return Ok(element);
            }
            Some(_other) => return Err(self.refuse("a name stands for one thing")),
        }
        if self.sign(":") {
            element.kind = true;
            match self.take() {
                Some(Token::Word(label)) if is_kind(label) => {}
                _ => return Err(self.refuse("labels and types are the domain's kinds")),
            }
        }
        let (teen, id) = self.map()?;
        if !teen {
            return Err(self.refuse("every node and edge of a pattern carries teen: $teen"));
        }
        element.id = id;
        Ok(element)
    }

    /// Properties of a pattern; whether the teen and `~id` are among them.
    fn map(&mut self) -> Result<(bool, bool), Violation> {
        let (mut teen, mut id) = (false, false);
        if !self.sign("{") {
            return Ok((teen, id));
        }
        loop {
            let Some(Token::Word(key) | Token::Quoted(key @ "~id")) = self.take() else {
                return Err(self.refuse("a property's name belongs here"));
            };
            self.expect(":")?;
            let is_teen = self.peek() == Some(Token::Parameter("teen"));
            self.value(|_any| true)?;
            teen |= key == "teen" && is_teen;
            id |= key == "~id";
            if !self.sign(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok((teen, id))
    }
}
