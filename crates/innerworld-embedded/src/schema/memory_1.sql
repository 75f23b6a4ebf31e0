-- What outlives a session.
CREATE TABLE tombstone (
  mac   BLOB PRIMARY KEY,             -- keyed hash of the subject: unlinkable without the key
  epoch INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Accounts. `teen` is the random number of keys.db; the subject and the address are sealed.
CREATE TABLE account (
  teen      INTEGER PRIMARY KEY,
  email_mac BLOB NOT NULL UNIQUE,     -- keyed hash of the normalised address
  sealed    BLOB NOT NULL
) STRICT;

CREATE TABLE credential (teen INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

CREATE TABLE code (
  teen    INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  sealed  BLOB NOT NULL,
  PRIMARY KEY (teen, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_expires ON code (expires);

CREATE TABLE refresh (
  hash      BLOB PRIMARY KEY,
  teen      INTEGER NOT NULL,
  auth_time INTEGER NOT NULL,
  expires   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_teen ON refresh (teen);
CREATE INDEX refresh_expires ON refresh (expires);

CREATE TABLE deny (teen INTEGER PRIMARY KEY, not_before INTEGER NOT NULL) STRICT;

-- Addresses refused for age, as keyed hashes, against a second try.
CREATE TABLE refusal (mac BLOB PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX refusal_until ON refusal (until);

CREATE TABLE profile (teen INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

-- Append-only.
CREATE TABLE consent (
  teen   INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (teen, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE day (
  teen      INTEGER NOT NULL,
  date      TEXT NOT NULL,
  used_ms   INTEGER NOT NULL,
  ticked_at INTEGER NOT NULL,
  PRIMARY KEY (teen, date)
) STRICT, WITHOUT ROWID;
CREATE INDEX day_ticked ON day (ticked_at);

CREATE TABLE notice_clock (
  teen           INTEGER PRIMARY KEY,
  since_ms       INTEGER NOT NULL,
  break_given_on INTEGER
) STRICT;

CREATE TABLE journal (
  teen    INTEGER NOT NULL,
  id      BLOB NOT NULL,
  expires INTEGER NOT NULL,
  sealed  BLOB NOT NULL,
  PRIMARY KEY (teen, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_expires ON journal (expires);

-- A node with its out-edges. Chunk 0 holds the node; edges that do not fit go into more chunks.
CREATE TABLE node (
  teen   INTEGER NOT NULL,
  id     BLOB NOT NULL,
  chunk  INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (teen, id, chunk)
) STRICT, WITHOUT ROWID;

-- `expires` is NULL once the text is gone and the turn is a stub.
CREATE TABLE evidence (
  teen    INTEGER NOT NULL,
  id      BLOB NOT NULL,
  expires INTEGER,
  sealed  BLOB NOT NULL,
  PRIMARY KEY (teen, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_expires ON evidence (expires) WHERE expires IS NOT NULL;

-- One row per teen with memory: what a write compares, and the digest. No record that retention
-- must look at is older than `oldest`, so that it opens only the memories of those who are due.
CREATE TABLE recall (
  teen       INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL,
  oldest     INTEGER NOT NULL,
  sealed     BLOB
) STRICT;
CREATE INDEX recall_oldest ON recall (oldest);

CREATE TABLE applied (
  teen       INTEGER NOT NULL,
  session_id BLOB NOT NULL,
  extractor  TEXT NOT NULL,
  version    TEXT NOT NULL,
  PRIMARY KEY (teen, session_id, extractor)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
  teen       INTEGER NOT NULL,
  session_id BLOB NOT NULL,
  extractor  TEXT NOT NULL,
  sealed     BLOB NOT NULL,
  PRIMARY KEY (teen, session_id, extractor)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppression (
  teen   INTEGER NOT NULL,
  id     BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (teen, id)
) STRICT, WITHOUT ROWID;

-- One row per call and hop of the ledger; `hop` is the call's id, the provider and the model.
CREATE TABLE usage (
  id      INTEGER PRIMARY KEY,
  teen    INTEGER NOT NULL,
  hop     BLOB NOT NULL,
  state   INTEGER NOT NULL,
  started INTEGER NOT NULL,
  sealed  BLOB NOT NULL,
  UNIQUE (teen, hop)
) STRICT;
CREATE INDEX usage_open ON usage (started) WHERE state = 0;
CREATE INDEX usage_started ON usage (started);

CREATE TABLE scratch (id INTEGER PRIMARY KEY CHECK (id = 1), checked INTEGER NOT NULL) STRICT;
