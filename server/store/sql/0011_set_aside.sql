-- ---- Derived: threads in which nobody writes, that are out of the lists, or at their head for a while.
ALTER TABLE thread ADD COLUMN is_closed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN is_archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN pinned_until INTEGER;   -- milliseconds; NULL: until it is unpinned

PRAGMA user_version = 11;
