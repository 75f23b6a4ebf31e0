//! Reading many items of a partition.

use super::{
    item::Value,
    schema::{Index, Table},
};

/// Which sort keys of a partition.
#[derive(Clone, Debug)]
pub(crate) enum Range {
    /// All.
    All,
    /// Those that begin with this text.
    Prefix(String),
    /// From the first to the last, both included.
    Between(Value, Value),
    /// This one or less.
    UpTo(Value),
}

/// A question for the items of one partition, in the order of their sort keys.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(super) table: Table,
    pub(super) index: Option<Index>,
    pub(super) partition: String,
    pub(super) range: Range,
    pub(super) descending: bool,
    pub(super) limit: usize,
    pub(super) keys_only: bool,
}

impl Query {
    /// All items of a partition.
    pub(crate) fn of(table: Table, partition: impl Into<String>) -> Self {
        Self {
            table,
            index: None,
            partition: partition.into(),
            range: Range::All,
            descending: false,
            limit: usize::MAX,
            keys_only: false,
        }
    }

    /// Through an index: it may lag, and gives keys only.
    #[must_use]
    pub(crate) fn through(mut self, index: Index) -> Self {
        self.index = Some(index);
        self
    }

    /// Only these sort keys.
    #[must_use]
    pub(crate) fn range(mut self, range: Range) -> Self {
        self.range = range;
        self
    }

    /// Only sort keys that begin with this text.
    #[must_use]
    pub(crate) fn prefix(self, text: impl Into<String>) -> Self {
        self.range(Range::Prefix(text.into()))
    }

    /// Only the keys of the items.
    #[must_use]
    pub(crate) fn keys_only(mut self) -> Self {
        self.keys_only = true;
        self
    }

    /// From the greatest sort key down.
    #[must_use]
    pub(crate) fn descending(mut self) -> Self {
        self.descending = true;
        self
    }

    /// At most so many items. What has expired but was not deleted yet counts.
    #[must_use]
    pub(crate) fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}
