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
INSERT INTO store_key VALUES(1,X'4b7353317a7d179c62b2a9829ac039fa51b344ba00eb92ef9d173c445d68d1c890bbe3682ac9a773d9094bede092d87378b10d45f267',1795328665928);
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
INSERT INTO store_key_slots VALUES(1,1,'',NULL,1795328665932);
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
INSERT INTO accounts VALUES(1,'@alice:example.org','ONE','Keepsake','https://matrix.example.org',X'4b735331f99710f3f826923c57b113fc8382a08085726327fbf09562e51ba0a3b36683218c349cc667785bbbbacdc0050acbd0fb47ee7a3a81648a',1795328665934,1);
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
INSERT INTO room_keys VALUES(1,1,'!room:example.org','session','sender',NULL,NULL,0,0,3,NULL,X'4b7353312281a11754ccb58f6fbddf4216a39fc3b7f2c024fcd05b1d25f44231774072c0a80cd4bbbe818c',NULL);
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
INSERT INTO journal VALUES(1,1,'set-up','J',X'4b7353312caf01ebef6b6877341eeca68c5570afde8970e7643d9ef93fed14836e444ca6c1c137',1795328665935,1795328665935);
CREATE TABLE olm_accounts (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  pickle_sealed BLOB NOT NULL
    CHECK (substr (pickle_sealed, 1, 4) = x'4b735331' AND length (pickle_sealed) >= 32),
  -- Whether the server has confirmed the device keys.
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  updated INTEGER NOT NULL
) STRICT;
CREATE TABLE sync_positions (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  since TEXT NOT NULL CHECK (since <> '')
) STRICT;
CREATE TABLE to_device (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  event_sealed BLOB NOT NULL
    CHECK (substr (event_sealed, 1, 4) = x'4b735331' AND length (event_sealed) >= 32),
  received INTEGER NOT NULL
) STRICT;
CREATE TABLE secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  value_sealed BLOB NOT NULL
    CHECK (substr (value_sealed, 1, 4) = x'4b735331' AND length (value_sealed) >= 32),
  created INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;
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
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',1);
INSERT INTO sqlite_sequence VALUES('room_keys',1);
CREATE UNIQUE INDEX accounts_current ON accounts (is_current) WHERE is_current = 1;
CREATE INDEX to_device_account ON to_device (account_id, id);
CREATE INDEX room_keys_backed_up ON room_keys (account_id, id, backed_up_version, refused_version);
COMMIT;
