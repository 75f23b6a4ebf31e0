-- What outlives a session.
CREATE TABLE tombstone (
  mac   BLOB PRIMARY KEY,             -- keyed hash of the subject: unlinkable without the key
  epoch INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scratch (id INTEGER PRIMARY KEY CHECK (id = 1), checked INTEGER NOT NULL) STRICT;
