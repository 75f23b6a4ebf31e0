//! The dialect lint: whether a statement keeps to the small part of openCypher that we use on
//! Neptune (aws.md 1.3, 5).
//!
//! A grammar of what is allowed, rather than a list of what is not: what it does not know it
//! refuses. A pure function over the text, so that tests, and a check over the sources, can ask it.
//! Allowed are:
//!
//! * the clauses `UNWIND $list AS x`, `MATCH`, `OPTIONAL MATCH`, `MERGE`, `SET`, `DELETE`,
//!   `DETACH DELETE`, `WITH`, `WHERE`, `RETURN`, `ORDER BY`, `LIMIT`;
//! * the functions `count`, `type`, `startNode`, `endNode`;
//! * values as parameters only; the one literal is the 500 of `LIMIT 500`;
//! * patterns of fixed length, whose every node and edge either is bound already or carries
//!   `teen: $teen`; labels and types are the domain's kinds;
//! * `SET` of single properties, to `$teen` or a field of an unwound row: never a whole map or a
//!   list;
//! * `MERGE` of one element with its `~id`, so that replaying it adds nothing;
//! * a `RETURN` at the end, with a limit unless it only counts.

mod clauses;
mod expressions;
mod patterns;
mod scope;
mod tokens;

use self::{clauses::Parser, tokens::Token};

/// Bytes of a statement; ours are a few hundred.
const STATEMENT_BYTES: usize = 4_096;

/// Why a statement is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule} (at byte {at})")]
pub struct Violation {
    /// What it breaks.
    pub rule: &'static str,
    /// Where, in bytes from the start.
    pub at: usize,
}

/// Checks one statement.
pub fn check(text: &str) -> Result<(), Violation> {
    if text.len() > STATEMENT_BYTES {
        let rule = "a statement has at most 4,096 bytes";
        return Err(Violation { rule, at: 0 });
    }
    let tokens = tokens::read(text)?;
    Parser::new(&tokens, text.len()).statement()
}

/// What a token is, as rules compare it.
fn is(token: Option<&(usize, Token<'_>)>, expected: &Token<'_>) -> bool {
    token.is_some_and(|(_at, token)| token == expected)
}
