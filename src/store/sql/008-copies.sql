-- Of the few rows that everything else hangs on there is a second copy, on pages of its own: an index
-- with all their columns. A salvage reads it where the table has lost a page.
CREATE INDEX store_key_copy ON store_key (id, check_sealed, created);
CREATE INDEX store_key_slots_copy ON store_key_slots (id, kind, name, wrap_sealed, created);
CREATE INDEX accounts_copy ON accounts
  (id, user_id, device_id, device_name, homeserver, access_token_sealed, created, is_current);
CREATE INDEX olm_accounts_copy ON olm_accounts (account_id, pickle_sealed, published, updated);
CREATE INDEX secrets_copy ON secrets (account_id, name, value_sealed, created);
CREATE INDEX journal_copy ON journal (id, account_id, kind, step, payload_sealed, created, updated);
CREATE INDEX recovery_copy ON recovery
  (account_id, master_key, default_key_id, backup_version, backup_public_key, last_check, last_check_result,
   updated, key_file);
