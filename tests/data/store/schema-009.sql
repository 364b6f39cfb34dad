-- Schema version 9. See README.
PRAGMA application_id = 1264936304;
PRAGMA user_version = 9;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE store_key (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  check_sealed BLOB NOT NULL CHECK (substr (check_sealed, 1, 4) = x'4b735331' AND length (check_sealed) >= 32),
  created INTEGER NOT NULL
) STRICT;
INSERT INTO store_key VALUES(1,X'4b735331cc48a4f195bfcf65f322d0784bb20d223e0477d8cb00ffcb03824514e877b21785eaed2be7586a7dd6eb7f3c412a9132bfa0',1796097008298);
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
INSERT INTO store_key_slots VALUES(1,1,'',NULL,1796097008306);
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
INSERT INTO accounts VALUES(1,'@alice:example.org','ONE','Keepsake','https://matrix.example.org',X'4b73533106c7d5f38dbb5389d6415b3a4f06725ad241e4b466efa54b862d486d4d5568202f99628564741a496db2aa2ff79d3d8deef6cc9274904e',1796097008316,1);
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
    CHECK (substr (session_key_sealed, 1, 4) = x'4b735331' AND length (session_key_sealed) >= 32), refused_version TEXT, room_claim INTEGER NOT NULL DEFAULT 0 CHECK (room_claim IN (0, 1, 2)),
  UNIQUE (account_id, room_id, session_id)
) STRICT;
INSERT INTO room_keys VALUES(1,1,'!room:example.org','session','sender',NULL,NULL,0,0,3,NULL,X'4b7353311769259250c89ce9342e2f83b5e2774cc4b3ad1cf701fc369490588b40cc3a8d6f21e8b28bfe84','7',0);
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
INSERT INTO journal VALUES(1,1,'set-up','J',X'4b735331f0566a19e6d1689b6cca441d097d1efa95f362066eea0ab860e2be340ac3ea27e3c5bf',1796097008318,1796097008318);
CREATE TABLE olm_accounts (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  pickle_sealed BLOB NOT NULL
    CHECK (substr (pickle_sealed, 1, 4) = x'4b735331' AND length (pickle_sealed) >= 32),
  -- Whether the server has confirmed the device keys.
  published INTEGER NOT NULL CHECK (published IN (0, 1)),
  updated INTEGER NOT NULL
) STRICT;
INSERT INTO olm_accounts VALUES(1,X'4b735331a96f0e3c4f0406ac8ace74e7b20d67aed0d7b1d7667c99d8291c5efbca74c525a4ea',1,1796097008331);
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
INSERT INTO to_device VALUES(1,1,X'4b735331e1f6f2ad0dc044245d15c70dbb1fcc7730ebfa029af6932b2e083472ba99a77b1cef',1796097008331,1,138);
CREATE TABLE secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  value_sealed BLOB NOT NULL
    CHECK (substr (value_sealed, 1, 4) = x'4b735331' AND length (value_sealed) >= 32),
  created INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;
INSERT INTO secrets VALUES(1,'m.megolm_backup.v1',X'4b7353315b52b19d104c9a216df49d5181e15d50026fa137163c7c4081e9a99d435c098fb254',1796097008336);
CREATE TABLE recovery (
  account_id INTEGER PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  master_key TEXT,
  default_key_id TEXT,
  backup_version TEXT,
  backup_public_key TEXT,
  last_check INTEGER NOT NULL,
  last_check_result INTEGER NOT NULL,
  updated INTEGER NOT NULL
, key_file TEXT, storage_proof TEXT) STRICT;
INSERT INTO recovery VALUES(1,'master',NULL,NULL,NULL,0,3,1796097008342,'key.txt','proof');
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
INSERT INTO room_key_twins VALUES(1,'sender',NULL,NULL,0,0,3,NULL,X'4b735331b0f49ac8df52ae06a5a2c4257d04e39f055d0cc4acf659fda55b0786103da4c15bed568ce06b12');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',1);
INSERT INTO sqlite_sequence VALUES('room_keys',1);
INSERT INTO sqlite_sequence VALUES('to_device',1);
CREATE UNIQUE INDEX accounts_current ON accounts (is_current) WHERE is_current = 1;
CREATE INDEX room_keys_session ON room_keys (account_id, session_id, room_id);
CREATE INDEX to_device_account ON to_device (account_id, id, kind, size);
CREATE INDEX room_keys_backed_up
  ON room_keys (account_id, id, backed_up_version, refused_version, room_claim);
CREATE INDEX store_key_copy ON store_key (id, check_sealed, created);
CREATE INDEX store_key_slots_copy ON store_key_slots (id, kind, name, wrap_sealed, created);
CREATE INDEX accounts_copy ON accounts
  (id, user_id, device_id, device_name, homeserver, access_token_sealed, created, is_current);
CREATE INDEX olm_accounts_copy ON olm_accounts (account_id, pickle_sealed, published, updated);
CREATE INDEX secrets_copy ON secrets (account_id, name, value_sealed, created);
CREATE INDEX journal_copy ON journal (id, account_id, kind, step, payload_sealed, created, updated);
CREATE INDEX recovery_copy ON recovery
  (account_id, master_key, default_key_id, backup_version, backup_public_key, last_check, last_check_result,
   updated, key_file, storage_proof);
COMMIT;
