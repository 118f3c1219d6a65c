-- ---- Derived: posts that were moved into another thread, and threads whose posts all were.
ALTER TABLE post ADD COLUMN moved INTEGER;           -- the entry that last moved it
ALTER TABLE thread ADD COLUMN merged_into INTEGER;   -- the thread that is shown in its place

PRAGMA user_version = 9;
