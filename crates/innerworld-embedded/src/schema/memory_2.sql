-- Signing in at another identity provider (Sign in with Apple).

-- Sign-ins that wait for the provider, by the hash of what the browser carries; nobody is known
-- yet. Sealed under a service key.
CREATE TABLE sign_in_request (
  hash    BLOB PRIMARY KEY,
  expires INTEGER NOT NULL,
  sealed  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_request_expires ON sign_in_request (expires);

-- Codes that wait for the app. `used_for` is the hash of the refresh token that the first use was
-- for: a second use takes it back.
CREATE TABLE authorization_code (
  hash     BLOB PRIMARY KEY,
  teen     INTEGER NOT NULL,
  expires  INTEGER NOT NULL,
  used_for BLOB,
  sealed   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX authorization_code_expires ON authorization_code (expires);
CREATE INDEX authorization_code_teen ON authorization_code (teen);

-- What the provider gave at the last sign-in.
CREATE TABLE provider_grant (teen INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

-- Who uses the app by which transaction of the app store, as a keyed hash.
CREATE TABLE app_transaction (
  mac  BLOB NOT NULL,
  teen INTEGER NOT NULL,
  PRIMARY KEY (mac, teen)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_transaction_teen ON app_transaction (teen);

-- Messages of the provider that were acted upon, as keyed hashes of their ids.
CREATE TABLE provider_event (mac BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Grants to be taken back after an erase. They name nobody, and are sealed under a service key,
-- because the key of their owner is gone.
CREATE TABLE revocation (
  id         BLOB PRIMARY KEY,
  attempts   INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  until      INTEGER NOT NULL,
  sealed     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revocation_due ON revocation (not_before);
