-- ---- Derived: what a room's moderators set for it.
ALTER TABLE room ADD COLUMN slow_s INTEGER NOT NULL DEFAULT 0;      -- seconds between two posts of a member
ALTER TABLE room ADD COLUMN lock_days INTEGER NOT NULL DEFAULT 0;   -- days without a post that lock a thread; 0: never
ALTER TABLE room ADD COLUMN posting INTEGER NOT NULL DEFAULT 0;     -- who may post

-- Somebody's posts, newest first: how long ago they last wrote.
CREATE INDEX post_by ON post(by);

PRAGMA user_version = 13;
