-- Schema version 4. See README.
PRAGMA application_id = 1264936304;
PRAGMA user_version = 4;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE store_key (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  check_sealed BLOB NOT NULL CHECK (substr (check_sealed, 1, 4) = x'4b735331' AND length (check_sealed) >= 32),
  created INTEGER NOT NULL
) STRICT;
INSERT INTO store_key VALUES(1,X'4b73533101b5f8a6751d3198230c424e40ec65bea990e992e30be38814178c401542d5ef10e4caeb94528656f5bdd6646d84efc22117',1795345764551);
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
INSERT INTO store_key_slots VALUES(1,1,'',NULL,1795345764576);
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
INSERT INTO accounts VALUES(1,'@alice:example.org','ONE','Keepsake','https://matrix.example.org',X'4b73533184e8689687708903eee5c94b9fd8e7bd088ef3e872ac5371ea00d72244a456ff0d148fff2e2d2c3130675956c474462dcf636ba5a7973e',1795345764582,1);
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
INSERT INTO room_keys VALUES(1,1,'!room:example.org','session','sender',NULL,NULL,0,0,3,NULL,X'4b7353310ce92538631bec42068a08fad0448b614a7ba0bd08df0a4174b81b3e61288b1c7415f6ffc24566','7');
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
INSERT INTO journal VALUES(1,1,'set-up','J',X'4b735331098ae3465f457d0f02f21edf8a772e3d711e03a3124a1e3e9f3b96bf25a3975b733f9e',1795345764600,1795345764600);
CREATE TABLE olm_accounts (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  pickle_sealed BLOB NOT NULL
    CHECK (substr (pickle_sealed, 1, 4) = x'4b735331' AND length (pickle_sealed) >= 32),
  -- Whether the server has confirmed the device keys.
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  updated INTEGER NOT NULL
) STRICT;
INSERT INTO olm_accounts VALUES(1,X'4b735331b9bfdadf39f2567d483f999ded2a4ab1cbd231a28a69e9d0080ef63bff1c833791ae',1,1795345764645);
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
INSERT INTO to_device VALUES(1,1,X'4b7353310755ddb2e0a4ce2a92376c4cedc8a32b8089a7683de16ccada353f14fed92dc4ef74',1795345764653);
CREATE TABLE secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  value_sealed BLOB NOT NULL
    CHECK (substr (value_sealed, 1, 4) = x'4b735331' AND length (value_sealed) >= 32),
  created INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;
INSERT INTO secrets VALUES(1,'m.megolm_backup.v1',X'4b73533130314fa04f6fb47107422dbb552a5bbda1fa8899a7c77a60b32846377c3d0d5522c5',1795345764654);
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
INSERT INTO recovery VALUES(1,'master',NULL,NULL,NULL,0,3,1795345764655,'key.txt');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',1);
INSERT INTO sqlite_sequence VALUES('room_keys',1);
INSERT INTO sqlite_sequence VALUES('to_device',1);
CREATE UNIQUE INDEX accounts_current ON accounts (is_current) WHERE is_current = 1;
CREATE INDEX to_device_account ON to_device (account_id, id);
CREATE INDEX room_keys_backed_up ON room_keys (account_id, id, backed_up_version, refused_version);
CREATE INDEX room_keys_session ON room_keys (account_id, session_id, room_id);
COMMIT;
