//! The schema of each file: numbered steps forward, each step once, all in one transaction.

use rusqlite::Connection;

/// What makes a file ours, and how its schema came about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    /// Name of the file.
    pub(crate) file: &'static str,
    /// Name of its threads: `live`.
    pub(crate) name: &'static str,
    /// SQLite's `application_id`, so that a foreign file is not taken for ours.
    pub(crate) application_id: i32,
    /// Step n brings a file from `user_version` n to n + 1. Released steps never change.
    pub(crate) steps: &'static [&'static str],
}

/// Talk that is going on, and what commits with a message.
pub(crate) const LIVE: Schema = Schema {
    file: "live.db",
    name: "live",
    application_id: 0x4957_4C31,
    steps: &[include_str!("../schema/live_1.sql")],
};

/// What outlives a session.
pub(crate) const MEMORY: Schema = Schema {
    file: "memory.db",
    name: "memory",
    application_id: 0x4957_4D31,
    steps: &[
        include_str!("../schema/memory_1.sql"),
        include_str!("../schema/memory_2.sql"),
        include_str!("../schema/memory_3.sql"),
    ],
};

/// Keys, and nothing else.
pub(crate) const KEYS: Schema = Schema {
    file: "keys.db",
    name: "keys",
    application_id: 0x4957_4B31,
    steps: &[include_str!("../schema/keys_1.sql")],
};

impl Schema {
    /// The version that this build writes.
    pub(crate) fn version(&self) -> i32 {
        i32::try_from(self.steps.len()).unwrap_or(i32::MAX)
    }

    /// Brings a file from version `from` to this build's, or leaves it as it was.
    pub(crate) fn migrate(&self, connection: &Connection, from: i32) -> rusqlite::Result<()> {
        let done = usize::try_from(from).unwrap_or(0);
        if done >= self.steps.len() {
            return Ok(());
        }
        let transaction = connection.unchecked_transaction()?;
        for step in self.steps.iter().skip(done) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "application_id", self.application_id)?;
        transaction.pragma_update(None, "user_version", self.version())?;
        transaction.commit()
    }
}
