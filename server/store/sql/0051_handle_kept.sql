-- The handle of who left stays theirs, known by its hash alone (handle_mark). NULL: of one who left before it was kept.
ALTER TABLE erasure ADD COLUMN handle BLOB;

PRAGMA user_version = 51;
