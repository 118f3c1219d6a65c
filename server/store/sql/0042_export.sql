-- ---- Personal: everything about somebody, asked for by them, in a file of DIR/export; for a day.
CREATE TABLE export(
    member  INTEGER PRIMARY KEY,
    id      TEXT NOT NULL,                   -- of the file: random
    at_ms   INTEGER NOT NULL,
    done_ms INTEGER,                         -- NULL: it is being made
    bytes   INTEGER                          -- NULL when it is done: it could not be made
) STRICT;

PRAGMA user_version = 42;
