-- ---- Derived: what a room's moderators set for who is new.
ALTER TABLE room ADD COLUMN new_posts INTEGER NOT NULL DEFAULT 0;   -- messages that moderators read until somebody is not new; 0: nobody is
ALTER TABLE room ADD COLUMN new_hour INTEGER NOT NULL DEFAULT 0;    -- messages that they may post in an hour; 0: as all others
ALTER TABLE room ADD COLUMN new_links INTEGER NOT NULL DEFAULT 0;   -- what becomes of theirs with links
ALTER TABLE room ADD COLUMN new_files INTEGER NOT NULL DEFAULT 0;   -- and with files

-- Who moderates the hub, without a walk over all members.
CREATE INDEX member_moderates ON member(id) WHERE role >= 2;

PRAGMA user_version = 23;
