-- ---- What of a member's waits for a yes in a room, without a walk over all that waits there.
CREATE INDEX matter_asked ON matter(room, member, ask) WHERE decided_ms IS NULL AND ask IS NOT NULL;

PRAGMA user_version = 18;
