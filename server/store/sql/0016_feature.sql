-- ---- Derived: threads that all who read the room find on their first screen, and posts whose wording is fixed.
ALTER TABLE thread ADD COLUMN is_featured INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN featured_until INTEGER;   -- milliseconds; NULL: until that is taken back
ALTER TABLE post ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0;
CREATE INDEX thread_featured ON thread(last) WHERE is_featured;

PRAGMA user_version = 16;
