-- ---- Derived: what moderators were asked to look at. A matter gathers the reports on one thing, or is an author's appeal.
CREATE TABLE matter(
    id         INTEGER PRIMARY KEY,          -- the first report, or the appeal
    is_appeal  INTEGER NOT NULL,
    room       INTEGER NOT NULL REFERENCES room(id) DEFERRABLE INITIALLY DEFERRED,
    thread     INTEGER,
    post       INTEGER,
    member     INTEGER,
    at_ms      INTEGER NOT NULL,
    claimed_by INTEGER,
    claimed_ms INTEGER,
    decided_by INTEGER,
    decided_ms INTEGER,
    decision   TEXT,
    rule       TEXT,
    reason     TEXT
) STRICT;
CREATE INDEX matter_open ON matter(room) WHERE decided_ms IS NULL;
CREATE INDEX matter_thread ON matter(thread);

CREATE TABLE report(
    id     INTEGER PRIMARY KEY,
    matter INTEGER NOT NULL REFERENCES matter(id) DEFERRABLE INITIALLY DEFERRED,
    by     INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    rule   TEXT,
    reason TEXT
) STRICT;
CREATE INDEX report_matter ON report(matter);
CREATE INDEX report_by ON report(by);

-- The appeal against this act: there is one.
ALTER TABLE hidden ADD COLUMN appeal INTEGER;

-- Entries that are for those alone who moderate the room.
CREATE INDEX journal_report ON journal(room) WHERE kind BETWEEN 40 AND 49;

PRAGMA user_version = 10;
