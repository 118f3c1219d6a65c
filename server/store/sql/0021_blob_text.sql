-- Words found inside a file, for search; beside the bytes they were found in.
ALTER TABLE blob ADD COLUMN text TEXT;

PRAGMA user_version = 21;
