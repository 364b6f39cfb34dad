-- Schema version 6. See README.
PRAGMA application_id = 1264936304;
PRAGMA user_version = 6;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE store_key (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  check_sealed BLOB NOT NULL CHECK (substr (check_sealed, 1, 4) = x'4b735331' AND length (check_sealed) >= 32),
  created INTEGER NOT NULL
) STRICT;
INSERT INTO store_key VALUES(1,X'4b735331e894af8d83fe114c729f0f82a5989c232cf799ae66cb78c2fbd2dc68c020ebc98733f966530d9928e17c0113706f71dd84c3',1795390436702);
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
INSERT INTO store_key_slots VALUES(1,1,'',NULL,1795390436711);
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
INSERT INTO accounts VALUES(1,'@alice:example.org','ONE','Keepsake','https://matrix.example.org',X'4b735331d6e2afae71b737355f8617c0c409dabe886b3e2524cb0babe1a2f3fbffd123f3b1fce9f78d829dd27c825019c664ac9b23297f67cd0111',1795390436751,1);
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
INSERT INTO room_keys VALUES(1,1,'!room:example.org','session','sender',NULL,NULL,0,0,3,NULL,X'4b735331230f24bdd3c1b7ca457b765d409faf7860a295389cfa33e2a679f121a74fff5a603ab99749109a','7');
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
INSERT INTO journal VALUES(1,1,'set-up','J',X'4b735331a25bd0f933eb3235defb30d429ac440934b7e72974b2f738af06c48ff256c968af8e89',1795390436764,1795390436764);
CREATE TABLE olm_accounts (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  pickle_sealed BLOB NOT NULL
    CHECK (substr (pickle_sealed, 1, 4) = x'4b735331' AND length (pickle_sealed) >= 32),
  -- Whether the server has confirmed the device keys.
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  updated INTEGER NOT NULL
) STRICT;
INSERT INTO olm_accounts VALUES(1,X'4b735331c3bac2af9d1170f3645c1f05fbd0ec4115cd9d4a049477ead4de4366e6e9ea7679d7',1,1795390436800);
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
, kind INTEGER NOT NULL DEFAULT 0 CHECK (kind IN (0, 1, 2, 3)), size INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO to_device VALUES(1,1,X'4b73533171cd4a28b51146bfd9aa6b5dab0e3fd18a30fe469e7296af1f171d8be1d2bae8ad00',1795390436808,1,138);
CREATE TABLE secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  value_sealed BLOB NOT NULL
    CHECK (substr (value_sealed, 1, 4) = x'4b735331' AND length (value_sealed) >= 32),
  created INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;
INSERT INTO secrets VALUES(1,'m.megolm_backup.v1',X'4b735331f6d006ab254a15c2ff5f6a74cf26a7ccad3031c3931e60d7180388ab25a9baeae4ff',1795390436825);
CREATE TABLE recovery (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  master_key TEXT,
  default_key_id TEXT,
  backup_version TEXT,
  backup_public_key TEXT,
  last_check INTEGER NOT NULL,
  last_check_result INTEGER NOT NULL,
  updated INTEGER NOT NULL
, key_file TEXT) STRICT;
INSERT INTO recovery VALUES(1,'master',NULL,NULL,NULL,0,3,1795390436830,'key.txt');
CREATE TABLE room_key_twins (
  key_id INTEGER PRIMARY KEY REFERENCES room_keys (id) ON DELETE CASCADE,
  sender_key TEXT NOT NULL,
  claimed_ed25519 TEXT,
  forwarding_chain TEXT,
  shared_history INTEGER NOT NULL CHECK (shared_history IN (0, 1)),
  first_index INTEGER NOT NULL CHECK (first_index BETWEEN 0 AND 4294967295),
  provenance INTEGER NOT NULL CHECK (provenance IN (1, 2, 3, 4)),
  backed_up_version TEXT,
  session_key_sealed BLOB NOT NULL
    CHECK (substr (session_key_sealed, 1, 4) = x'4b735331' AND length (session_key_sealed) >= 32)
) STRICT;
INSERT INTO room_key_twins VALUES(1,'sender',NULL,NULL,0,0,3,NULL,X'4b735331801e2994e923387a502c3926e98de4671159d5965849f2eb31b3340d4800bfd03b52ffed3a1b29');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',1);
INSERT INTO sqlite_sequence VALUES('room_keys',1);
INSERT INTO sqlite_sequence VALUES('to_device',1);
CREATE UNIQUE INDEX accounts_current ON accounts (is_current) WHERE is_current = 1;
CREATE INDEX room_keys_backed_up ON room_keys (account_id, id, backed_up_version, refused_version);
CREATE INDEX room_keys_session ON room_keys (account_id, session_id, room_id);
CREATE INDEX to_device_account ON to_device (account_id, id, kind, size);
COMMIT;
