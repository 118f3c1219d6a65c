-- What links lead to is asked by the hub, where a room lets it: NULL is as its access has it (a private room does not).
ALTER TABLE room ADD COLUMN previews INTEGER;

-- ---- Derived: the entries that tell of a post's links. They are erased with its words.
CREATE TABLE link_told(
    post  INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (post, entry)
) STRICT, WITHOUT ROWID;

-- ---- Of the hub's own work, kept when derived tables are made anew: which links are to be asked, and what came of it.
CREATE TABLE link_due(
    post      INTEGER NOT NULL,
    url       TEXT NOT NULL,
    due_ms    INTEGER,                     -- NULL: never
    asked_ms  INTEGER,                     -- when it was last asked
    read_ms   INTEGER,                     -- when it last answered
    failed_ms INTEGER,                     -- since when it does not
    failures  INTEGER NOT NULL DEFAULT 0,  -- since then
    PRIMARY KEY (post, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_due_at ON link_due(due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX link_due_url ON link_due(url);

-- Of what was posted before, only what is of the last seven days is asked: years of links would keep the hub at it for weeks.
INSERT INTO link_due(post, url, due_ms)
    SELECT l.post, l.url, CASE WHEN r.access <> 2 AND p.at_ms > now_ms() - 7 * 86400000 THEN p.at_ms END
    FROM post_link AS l JOIN post AS p ON p.id = l.post JOIN room AS r ON r.id = l.room;

PRAGMA user_version = 31;
