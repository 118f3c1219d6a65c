-- ---- Derived: what is held until a moderator says yes, and whom a room's settings hold.
ALTER TABLE room ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN hold_threads INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN links INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN approve_join INTEGER NOT NULL DEFAULT 0;

-- The words that are looked for in a room: JSON, [{word, act}].
CREATE TABLE room_words(
    room  INTEGER PRIMARY KEY REFERENCES room(id) DEFERRABLE INITIALLY DEFERRED,
    words TEXT NOT NULL
) STRICT;

-- What is asked for in a matter that waits for a yes; NULL: a report or an appeal.
ALTER TABLE matter ADD COLUMN ask INTEGER;

-- What waits to be said: the bodies of the entries that it becomes. Gone once it is said.
CREATE TABLE held(
    id    INTEGER PRIMARY KEY REFERENCES matter(id) DEFERRABLE INITIALLY DEFERRED,
    why   TEXT,
    word  TEXT,
    opens TEXT,
    says  TEXT
) STRICT;

PRAGMA user_version = 15;
