-- A slug is unique in its region only among rooms that everyone may find: who makes a room must not learn from a refusal
-- that a private one has that name. SQLite cannot drop the old constraint, so the table is made anew under its name; what
-- refers to it is checked at the end of the transaction.
CREATE TABLE room_kept AS SELECT * FROM room;
DROP TABLE room;
CREATE TABLE room(
    id      INTEGER PRIMARY KEY,
    region  INTEGER NOT NULL REFERENCES region(id) DEFERRABLE INITIALLY DEFERRED,
    slug    TEXT NOT NULL,
    name    TEXT NOT NULL,
    about   TEXT,
    lang    TEXT NOT NULL,
    access  INTEGER NOT NULL,
    chat    INTEGER NOT NULL DEFAULT 0,      -- its lobby
    threads INTEGER NOT NULL DEFAULT 0,      -- without the lobby
    members INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO room SELECT id, region, slug, name, about, lang, access, chat, threads, members FROM room_kept;
DROP TABLE room_kept;
CREATE UNIQUE INDEX room_slug ON room(region, slug) WHERE access <> 2;

PRAGMA user_version = 4;
