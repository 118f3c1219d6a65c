-- When a draft came, by the hub's clock. at_ms is its writer's, whose phone may think that it is 1970: only good to say which of
-- a member's devices wrote last, not for how long a draft is kept.
ALTER TABLE draft ADD COLUMN kept_ms INTEGER NOT NULL DEFAULT 0;
UPDATE draft SET kept_ms = unixepoch() * 1000;

PRAGMA user_version = 48;
