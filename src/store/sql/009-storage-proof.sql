-- What of secret storage under default_key_id was proven to open, as the engine writes it. NULL: a
-- version before this one has noted what is known.
ALTER TABLE recovery ADD COLUMN storage_proof TEXT;

DROP INDEX recovery_copy;
CREATE INDEX recovery_copy ON recovery
  (account_id, master_key, default_key_id, backup_version, backup_public_key, last_check, last_check_result,
   updated, key_file, storage_proof);
