-- ---- Whose posts somebody does not want to see: theirs alone, and no entry.
CREATE TABLE blocked(
    member  INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY(member, blocked)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 22;
