-- ---- Derived: an act of moderation that waits for a second moderator: what it would do, as it stands in its ask.
ALTER TABLE held ADD COLUMN does TEXT;

PRAGMA user_version = 19;
