-- Talk of a day at most, and the safety rows that must commit with a message.
CREATE TABLE session (
  sno           INTEGER PRIMARY KEY,
  session_id    BLOB NOT NULL UNIQUE,
  teen          INTEGER NOT NULL,
  state         INTEGER NOT NULL,
  seq           INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  last_activity INTEGER NOT NULL,
  expires       INTEGER NOT NULL,
  sealed        BLOB NOT NULL
) STRICT;
CREATE INDEX session_teen ON session (teen, session_id);
CREATE INDEX session_state ON session (state, last_activity);
CREATE INDEX session_expires ON session (expires);

-- `client_id` is the message's id, or the turn's own for a turn without a message. The newest
-- event number, message number and time are readable so that a session's counters, which live in
-- memory, are found again without opening every row.
CREATE TABLE turn (
  id        INTEGER PRIMARY KEY,
  sno       INTEGER NOT NULL REFERENCES session (sno) ON DELETE CASCADE,
  client_id BLOB NOT NULL,
  seq       INTEGER NOT NULL,
  teen_seq  INTEGER NOT NULL,
  ts        INTEGER NOT NULL,
  expires   INTEGER NOT NULL,
  sealed    BLOB NOT NULL,
  UNIQUE (sno, client_id)
) STRICT;

-- Sequenced frames that no turn row holds.
CREATE TABLE event (
  sno    INTEGER NOT NULL REFERENCES session (sno) ON DELETE CASCADE,
  seq    INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (sno, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE safety_state (
  teen    INTEGER PRIMARY KEY,
  rev     INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  sealed  BLOB NOT NULL
) STRICT;
CREATE INDEX safety_state_changed ON safety_state (changed, teen);

CREATE TABLE safety_notice (
  notice_id BLOB PRIMARY KEY,
  expires   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX safety_notice_expires ON safety_notice (expires);

CREATE TABLE safety_count (
  day TEXT NOT NULL,
  key TEXT NOT NULL,
  n   INTEGER NOT NULL,
  PRIMARY KEY (day, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket (
  hash      BLOB PRIMARY KEY,
  teen      INTEGER NOT NULL,
  origin    TEXT NOT NULL,
  token_exp INTEGER NOT NULL,
  iat       INTEGER NOT NULL,
  expires   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_expires ON ticket (expires);
CREATE INDEX ticket_teen ON ticket (teen);

-- The outbox of e-mails in development, sealed under a service key. `email_mac` is the address as
-- memory.db's table account holds it: by it an erase finds a teen's mail.
CREATE TABLE mail (
  id        BLOB PRIMARY KEY,
  email_mac BLOB NOT NULL,
  expires   INTEGER NOT NULL,
  sealed    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_email ON mail (email_mac, id);

-- Keyed by the subject, not by the teen's number: the job that erases a teen must be found after
-- the number is gone.
CREATE TABLE job (
  id         INTEGER PRIMARY KEY,
  user_id    BLOB NOT NULL,
  kind       INTEGER NOT NULL,
  ref        BLOB NOT NULL,
  attempts   INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  UNIQUE (user_id, kind, ref)
) STRICT;
CREATE INDEX job_due ON job (not_before, id);

CREATE TABLE scratch (id INTEGER PRIMARY KEY CHECK (id = 1), checked INTEGER NOT NULL) STRICT;
