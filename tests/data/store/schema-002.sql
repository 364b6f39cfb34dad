-- Schema version 2. See README.
PRAGMA application_id = 1264936304;
PRAGMA user_version = 2;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE store_key (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  check_sealed BLOB NOT NULL CHECK (substr (check_sealed, 1, 4) = x'4b735331' AND length (check_sealed) >= 32),
  created INTEGER NOT NULL
) STRICT;
INSERT INTO store_key VALUES(1,X'4b7353312f93b9cbd80417e22a4e643cb8ca60576dbe70a6e19dc3ec1b3c98fe21dfb3bd212d991c69e55c67365a956d0e1b7cc97965',1795329544470);
CREATE TABLE store_key_slots (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
  name TEXT NOT NULL,
  -- NULL for the keyring, which holds the store key itself.
  wrap_sealed BLOB CHECK (substr (wrap_sealed, 1, 4) = x'4b735331' AND length (wrap_sealed) >= 32),
  created INTEGER NOT NULL,
  UNIQUE (kind, name),
  CHECK ((kind = 1) = (wrap_sealed IS NULL))
) STRICT;
INSERT INTO store_key_slots VALUES(1,1,'',NULL,1795329544474);
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT NOT NULL CHECK (user_id <> ''),
  device_id TEXT NOT NULL CHECK (device_id <> ''),
  device_name TEXT,
  homeserver TEXT NOT NULL CHECK (homeserver <> ''),
  access_token_sealed BLOB NOT NULL
    CHECK (substr (access_token_sealed, 1, 4) = x'4b735331' AND length (access_token_sealed) >= 32),
  created INTEGER NOT NULL,
  is_current INTEGER NOT NULL CHECK (is_current IN (0, 1)),
  UNIQUE (user_id, device_id)
) STRICT;
INSERT INTO accounts VALUES(1,'@alice:example.org','ONE','Keepsake','https://matrix.example.org',X'4b7353313893a8221037ee040937b72634d0e3f84a5c8c7d7317c1e7fead69e3b3a1032645244042feaab8ed295d4e42430fdea672d564dcb26e28',1795329544477,1);
CREATE TABLE room_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  room_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  sender_key TEXT NOT NULL,
  claimed_ed25519 TEXT,
  forwarding_chain TEXT,
  shared_history INTEGER NOT NULL CHECK (shared_history IN (0, 1)),
  first_index INTEGER NOT NULL CHECK (first_index BETWEEN 0 AND 4294967295),
  provenance INTEGER NOT NULL CHECK (provenance IN (1, 2, 3, 4)),
  backed_up_version TEXT,
  session_key_sealed BLOB NOT NULL
    CHECK (substr (session_key_sealed, 1, 4) = x'4b735331' AND length (session_key_sealed) >= 32), refused_version TEXT,
  UNIQUE (account_id, room_id, session_id)
) STRICT;
INSERT INTO room_keys VALUES(1,1,'!room:example.org','session','sender',NULL,NULL,0,0,3,NULL,X'4b73533179c8720ff72c6f1e0f9f91b5a6505f22f19e973e822598ba5cc8d01eb67712f3373946f3c63840','7');
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  step TEXT NOT NULL,
  payload_sealed BLOB NOT NULL
    CHECK (substr (payload_sealed, 1, 4) = x'4b735331' AND length (payload_sealed) >= 32),
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  UNIQUE (account_id, kind)
) STRICT;
INSERT INTO journal VALUES(1,1,'set-up','J',X'4b735331e40a8239f463243f5327894cab989ae8bf3656e1ab971bd15a279b6bcba19dc94ae462',1795329544478,1795329544478);
CREATE TABLE olm_accounts (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  pickle_sealed BLOB NOT NULL
    CHECK (substr (pickle_sealed, 1, 4) = x'4b735331' AND length (pickle_sealed) >= 32),
  -- Whether the server has confirmed the device keys.
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  updated INTEGER NOT NULL
) STRICT;
INSERT INTO olm_accounts VALUES(1,X'4b735331c6206e43ac6bde5431e13754c29850401b1a834af0baa041fe01230d11e4ccd8435a',1,1795329544482);
CREATE TABLE sync_positions (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  since TEXT NOT NULL CHECK (since <> '')
) STRICT;
INSERT INTO sync_positions VALUES(1,'s1');
CREATE TABLE to_device (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  event_sealed BLOB NOT NULL
    CHECK (substr (event_sealed, 1, 4) = x'4b735331' AND length (event_sealed) >= 32),
  received INTEGER NOT NULL
) STRICT;
INSERT INTO to_device VALUES(1,1,X'4b735331646de087f7993ff12104ca23a3034fca0a574bcfc61d1fe1200d8ef56ac69e2dcf8f',1795329544483);
CREATE TABLE secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  value_sealed BLOB NOT NULL
    CHECK (substr (value_sealed, 1, 4) = x'4b735331' AND length (value_sealed) >= 32),
  created INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;
INSERT INTO secrets VALUES(1,'m.megolm_backup.v1',X'4b7353313d6a7b7bdf59115da03c3e7400418d67c65abfafe5e07fbc6737c68a8e0be4258674',1795329544484);
CREATE TABLE recovery (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  master_key TEXT,
  default_key_id TEXT,
  backup_version TEXT,
  backup_public_key TEXT,
  last_check INTEGER NOT NULL,
  last_check_result INTEGER NOT NULL,
  updated INTEGER NOT NULL
) STRICT;
INSERT INTO recovery VALUES(1,'master',NULL,NULL,NULL,0,3,1795329544486);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',1);
INSERT INTO sqlite_sequence VALUES('room_keys',1);
INSERT INTO sqlite_sequence VALUES('to_device',1);
CREATE UNIQUE INDEX accounts_current ON accounts (is_current) WHERE is_current = 1;
CREATE INDEX to_device_account ON to_device (account_id, id);
CREATE INDEX room_keys_backed_up ON room_keys (account_id, id, backed_up_version, refused_version);
COMMIT;
