-- ---- Derived: what is shared along with a post (or waits with it for a moderator: then `post` is the ask).
CREATE TABLE post_file(
    post   INTEGER NOT NULL,
    n      INTEGER NOT NULL,               -- place in the post, from 0
    room   INTEGER NOT NULL,               -- where the post stands
    by     INTEGER NOT NULL,
    hash   TEXT NOT NULL,                  -- of the bytes: BLAKE2b, hexadecimal
    name   TEXT NOT NULL,
    type   TEXT NOT NULL,
    bytes  INTEGER NOT NULL,
    thumb  INTEGER NOT NULL,
    PRIMARY KEY (post, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_file_hash ON post_file(hash);
CREATE INDEX post_file_by ON post_file(by, bytes);
CREATE INDEX post_file_room ON post_file(room, bytes);
ALTER TABLE post ADD COLUMN files TEXT;    -- as its entry tells of them

-- ---- Of one person, or of the folder: kept when derived tables are made anew.
CREATE TABLE upload(
    id     TEXT PRIMARY KEY,
    member INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    name   TEXT NOT NULL,
    bytes  INTEGER NOT NULL,               -- in the end
    hash   TEXT,                           -- NULL: not complete
    type   TEXT,
    width  INTEGER,
    height INTEGER,
    dot    TEXT,
    thumb  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_member ON upload(member, bytes);
CREATE INDEX upload_hash ON upload(hash) WHERE hash IS NOT NULL;
CREATE INDEX upload_at ON upload(at_ms);
CREATE TABLE blob(                         -- every file in the folder
    hash  TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    since INTEGER                          -- when nothing named it any more; NULL: something does, or did when last looked
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_since ON blob(since) WHERE since IS NOT NULL;

PRAGMA user_version = 20;
