-- A second key that claims the session of a row of room_keys, where nothing tells which of
-- the two is the session's own. backed_up_version is the backup version that it came from.
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
