-- Keys only. Everything in `wrapped` is sealed under the master key.
CREATE TABLE meta (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  master_epoch INTEGER NOT NULL,
  created      INTEGER NOT NULL,
  proof        BLOB NOT NULL          -- opens only under the right master key
) STRICT;

-- `teen` is random, never sequential; rows of the other files carry it instead of the subject.
-- `wrapped` is NULL once the key was destroyed; `fence` is the epoch that an erase began.
CREATE TABLE teen_key (
  teen    INTEGER PRIMARY KEY,
  user_id BLOB NOT NULL UNIQUE,
  epoch   INTEGER NOT NULL,
  fence   INTEGER,
  wrapped BLOB
) STRICT;
CREATE INDEX teen_key_fenced ON teen_key (teen) WHERE fence IS NOT NULL;

CREATE TABLE signing_key (
  kid     TEXT PRIMARY KEY,
  active  INTEGER NOT NULL,
  created INTEGER NOT NULL,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE service_key (
  name    TEXT PRIMARY KEY,
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scratch (id INTEGER PRIMARY KEY CHECK (id = 1), checked INTEGER NOT NULL) STRICT;
