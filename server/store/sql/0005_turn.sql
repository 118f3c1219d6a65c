-- ---- Derived: whose turn it is in a thread: a row for each post whose author is not the author of the post before it. Of
-- two turns in a row one is somebody else's, so a walk over turns counts what others wrote without walking what one
-- wrote oneself.
CREATE TABLE turn(
    thread INTEGER NOT NULL,
    first  INTEGER NOT NULL,                 -- id of its first post
    by     INTEGER NOT NULL,
    PRIMARY KEY (thread, first)
) STRICT, WITHOUT ROWID;
INSERT INTO turn SELECT thread, id, by FROM (SELECT thread, id, by, lag(by) OVER (PARTITION BY thread ORDER BY id) AS previous
    FROM post) WHERE previous IS NULL OR previous <> by;

PRAGMA user_version = 5;
