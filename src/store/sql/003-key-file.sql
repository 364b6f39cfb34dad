-- Where the person keeps the Security Key of default_key_id: the name of the file,
-- without its directory.
ALTER TABLE recovery ADD COLUMN key_file TEXT;
