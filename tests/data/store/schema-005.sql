-- Schema version 5. See README.
PRAGMA application_id = 1264936304;
PRAGMA user_version = 5;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE store_key (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  check_sealed BLOB NOT NULL CHECK (substr (check_sealed, 1, 4) = x'4b735331' AND length (check_sealed) >= 32),
  created INTEGER NOT NULL
) STRICT;
INSERT INTO store_key VALUES(1,X'4b735331693b5c0681fd3ac3f206a33d52abe10e284b710ae6dd15fcf460c9d1e8d3c6e4fd0d4cb7678cf0c578d4a6e71d5f73722cf6',1795377243807);
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
INSERT INTO store_key_slots VALUES(1,1,'',NULL,1795377243809);
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
INSERT INTO accounts VALUES(1,'@alice:example.org','ONE','Keepsake','https://matrix.example.org',X'4b73533179de92bc5f0014d7c34283bb594ff18558dc63415c03e748330a8ec3decfedb4e0070247292002cde4ee2b58d87a82d45fcd145c3d9468',1795377243827,1);
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
INSERT INTO room_keys VALUES(1,1,'!room:example.org','session','sender',NULL,NULL,0,0,3,NULL,X'4b7353314ba0382a500ec075643f4f4a9dad12b95127373885e59bbd2f4dae63984f770e51065463f0da4b','7');
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
INSERT INTO journal VALUES(1,1,'set-up','J',X'4b73533111dc9e252add9e315d37033a679c1862cda9b34d5b1219b3475e0a6dec29bdb0b5707f',1795377243828,1795377243828);
CREATE TABLE olm_accounts (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  pickle_sealed BLOB NOT NULL
    CHECK (substr (pickle_sealed, 1, 4) = x'4b735331' AND length (pickle_sealed) >= 32),
  -- Whether the server has confirmed the device keys.
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  updated INTEGER NOT NULL
) STRICT;
INSERT INTO olm_accounts VALUES(1,X'4b73533145a4d4c988c908c0cfd023dbd98e368876f0d000f0722375ad0aec3fdd9a79cfa695',1,1795377243840);
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
INSERT INTO to_device VALUES(1,1,X'4b7353314466f1c38075c9b27b31148a7a6bfddc9ea469bc8b9cbdd8279dac55386572bbfb05',1795377243843);
CREATE TABLE secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  value_sealed BLOB NOT NULL
    CHECK (substr (value_sealed, 1, 4) = x'4b735331' AND length (value_sealed) >= 32),
  created INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;
INSERT INTO secrets VALUES(1,'m.megolm_backup.v1',X'4b73533151b5a3bf4be42598d99a503c4253d5e4dfe3b8fb5749bc1ce664ab931a4f48f68074',1795377243847);
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
INSERT INTO recovery VALUES(1,'master',NULL,NULL,NULL,0,3,1795377243848,'key.txt');
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
INSERT INTO room_key_twins VALUES(1,'sender',NULL,NULL,0,0,3,NULL,X'4b7353312bf4290346858221dbdb7a272b3f1ba51f117fd56f727819ee1c3adfc69f113ee6c0972198190c');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',1);
INSERT INTO sqlite_sequence VALUES('room_keys',1);
INSERT INTO sqlite_sequence VALUES('to_device',1);
CREATE UNIQUE INDEX accounts_current ON accounts (is_current) WHERE is_current = 1;
CREATE INDEX to_device_account ON to_device (account_id, id);
CREATE INDEX room_keys_backed_up ON room_keys (account_id, id, backed_up_version, refused_version);
CREATE INDEX room_keys_session ON room_keys (account_id, session_id, room_id);
COMMIT;
