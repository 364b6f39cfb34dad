-- Answers whether a session is here under another room than somebody says.
CREATE INDEX room_keys_session ON room_keys (account_id, session_id, room_id);
