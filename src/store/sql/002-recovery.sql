-- What a session needs to receive keys and secrets, and what it knows of the account's
-- Secure Backup.

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

-- To-device events as they came, until what they brought is stored elsewhere. The
-- server forgets them once "since" has moved on.
CREATE TABLE to_device (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  event_sealed BLOB NOT NULL
    CHECK (substr (event_sealed, 1, 4) = x'4b735331' AND length (event_sealed) >= 32),
  received INTEGER NOT NULL
) STRICT;

CREATE INDEX to_device_account ON to_device (account_id, id);

-- The private cross-signing keys and the backup key, as far as this session holds them.
CREATE TABLE secrets (
  account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  value_sealed BLOB NOT NULL
    CHECK (substr (value_sealed, 1, 4) = x'4b735331' AND length (value_sealed) >= 32),
  created INTEGER NOT NULL,
  PRIMARY KEY (account_id, name)
) STRICT;

-- What this session knows to be its own: public facts, to notice when the server has
-- something else.
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

-- The backup version that the server would not take this key into.
ALTER TABLE room_keys ADD COLUMN refused_version TEXT;

DROP INDEX room_keys_backed_up;
CREATE INDEX room_keys_backed_up ON room_keys (account_id, id, backed_up_version, refused_version);
