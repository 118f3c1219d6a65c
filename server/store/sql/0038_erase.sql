-- ---- Derived: who left. Their handle is none that somebody could have, and their name is empty.
ALTER TABLE member ADD COLUMN erased_ms INTEGER;

-- ---- Derived from entries of their own: whose words were taken out, and what is left of their bodies.
CREATE TABLE erased(
    entry INTEGER PRIMARY KEY,
    rest  TEXT                               -- a body without the words; NULL: nothing
) STRICT;

-- What a thread is called and what is said of it, in the order in which that was said; where it went with its title.
CREATE INDEX journal_named ON journal(thread) WHERE kind IN (9, 21, 26, 60);

-- ---- Of the hub's own work, kept when derived tables are made anew: whom it has to forget, in copies that are put back, too.
CREATE TABLE erasure(
    member  INTEGER NOT NULL,
    mark    BLOB NOT NULL,                   -- hash of the entry that made them: a member of that number in another history is not meant
    at_ms   INTEGER NOT NULL,
    keeps   INTEGER NOT NULL,                -- their posts stay, as somebody's who left
    upto    INTEGER NOT NULL,                -- entries up to here were looked through
    last    INTEGER NOT NULL,                -- the last entry of their erasure
    done_ms INTEGER,
    PRIMARY KEY (member, mark)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 38;
