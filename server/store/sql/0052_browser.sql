-- ---- Personal: browsers in which somebody signed in, by the hash of a mark that each keeps. For counting alone: it opens nothing.
CREATE TABLE browser(
    mark       BLOB NOT NULL,
    member     INTEGER NOT NULL,
    session    BLOB NOT NULL,          -- the last one there, by its hash
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (mark, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX browser_member ON browser(member, at_ms);
CREATE INDEX browser_at ON browser(at_ms);
DROP INDEX attempt_mailed;

PRAGMA user_version = 52;
