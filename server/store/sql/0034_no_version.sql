-- A post without words and files is no version of anything: its entry, which said so, is erased.
UPDATE post SET is_version = 0 WHERE redacted_at IS NOT NULL;

PRAGMA user_version = 34;
