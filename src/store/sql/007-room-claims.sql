-- What is known of the room that a key is said to be of. 0: nothing but that; 1: a message of its
-- session has proven it; 2: a message has proven that the session is another room's.
ALTER TABLE room_keys ADD COLUMN room_claim INTEGER NOT NULL DEFAULT 0 CHECK (room_claim IN (0, 1, 2));

DROP INDEX room_keys_backed_up;
CREATE INDEX room_keys_backed_up
  ON room_keys (account_id, id, backed_up_version, refused_version, room_claim);
