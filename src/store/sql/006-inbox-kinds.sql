-- What an event is, so that what brings no key cannot gather without bound, and about how much
-- room it takes. 0: it came before kinds were told apart, and may be any.
ALTER TABLE to_device ADD COLUMN kind INTEGER NOT NULL DEFAULT 0 CHECK (kind IN (0, 1, 2, 3));
ALTER TABLE to_device ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
UPDATE to_device SET size = length (event_sealed) + 100;

-- Answers which come next, and what room is taken, without reading the events.
DROP INDEX to_device_account;
CREATE INDEX to_device_account ON to_device (account_id, id, kind, size);
