-- A conversation of two is a room of no region, so that nobody's role or sanction in one reaches into it. SQLite cannot drop the
-- old constraint: the table is made anew under its name; what refers to it is checked at the end of the transaction.
CREATE TABLE room_kept AS SELECT * FROM room;
DROP TABLE room;
CREATE TABLE room(
    id      INTEGER PRIMARY KEY,
    region  INTEGER REFERENCES region(id) DEFERRABLE INITIALLY DEFERRED,   -- NULL: of two
    slug    TEXT NOT NULL,
    name    TEXT NOT NULL,
    about   TEXT,
    lang    TEXT NOT NULL,
    access  INTEGER NOT NULL,
    chat    INTEGER NOT NULL DEFAULT 0,      -- its lobby
    threads INTEGER NOT NULL DEFAULT 0,      -- without the lobby
    members INTEGER NOT NULL DEFAULT 0,
    slow_s  INTEGER NOT NULL DEFAULT 0,
    lock_days INTEGER NOT NULL DEFAULT 0,
    posting INTEGER NOT NULL DEFAULT 0,
    hold    INTEGER NOT NULL DEFAULT 0,
    hold_threads INTEGER NOT NULL DEFAULT 0,
    links   INTEGER NOT NULL DEFAULT 0,
    approve_join INTEGER NOT NULL DEFAULT 0,
    new_posts INTEGER NOT NULL DEFAULT 0,
    new_hour INTEGER NOT NULL DEFAULT 0,
    new_links INTEGER NOT NULL DEFAULT 0,
    new_files INTEGER NOT NULL DEFAULT 0,
    previews INTEGER
) STRICT;
INSERT INTO room SELECT id, region, slug, name, about, lang, access, chat, threads, members, slow_s, lock_days, posting, hold,
    hold_threads, links, approve_join, new_posts, new_hour, new_links, new_files, previews FROM room_kept;
DROP TABLE room_kept;
CREATE UNIQUE INDEX room_slug ON room(region, slug) WHERE access < 2;

-- ---- Derived: whose conversations they are.
CREATE TABLE direct(
    room  INTEGER PRIMARY KEY,
    low   INTEGER NOT NULL,                  -- the two, the smaller id first
    high  INTEGER NOT NULL,
    by    INTEGER NOT NULL,                  -- who began it
    at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX direct_two ON direct(low, high);
CREATE INDEX direct_high ON direct(high);
CREATE INDEX direct_by ON direct(by, room);
CREATE INDEX matter_of_hub ON matter(post) WHERE room IS NULL AND post IS NOT NULL;
-- The thread that was asked about.
ALTER TABLE post ADD COLUMN about INTEGER;

-- ---- Personal: who may begin a conversation with somebody. No row: who shares a room with them.
CREATE TABLE direct_from(
    member INTEGER PRIMARY KEY,
    who    INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 40;
