-- ---- Derived: when a member last posted in a room, without a walk over all that they wrote elsewhere.
CREATE TABLE last_own(
    member INTEGER NOT NULL,
    room   INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (member, room)
) STRICT, WITHOUT ROWID;
INSERT INTO last_own(member, room, at_ms) SELECT actor, room, max(at_ms) FROM journal WHERE kind = 13 GROUP BY actor, room;

PRAGMA user_version = 17;
