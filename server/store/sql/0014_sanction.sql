-- ---- Derived: what moderators imposed on members. It is in force until its time, or until it is lifted.
CREATE TABLE sanction(
    id            INTEGER PRIMARY KEY,       -- its entry
    member        INTEGER NOT NULL,
    scope         INTEGER NOT NULL,          -- a room, a region, or 0: the hub
    room          INTEGER NOT NULL,          -- scope, where that is a room, or 0
    act           INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    until         INTEGER,                   -- NULL: no end
    by            INTEGER NOT NULL,
    role          INTEGER NOT NULL,          -- in which it was imposed
    rule          TEXT,
    reason        TEXT,
    pardon        INTEGER,                   -- the entry that lifted it
    pardoned_ms   INTEGER,
    pardon_role   INTEGER,
    pardon_rule   TEXT,
    pardon_reason TEXT,
    appeal        INTEGER                    -- there is one
) STRICT;
CREATE INDEX sanction_member ON sanction(member, scope);
CREATE INDEX sanction_pardon ON sanction(pardon) WHERE pardon IS NOT NULL;
CREATE INDEX sanction_scope ON sanction(scope);

-- An appeal may be about a sanction, and then of no room.
CREATE TABLE matter_of_all(
    id         INTEGER PRIMARY KEY,          -- the first report, or the appeal
    is_appeal  INTEGER NOT NULL,
    room       INTEGER REFERENCES room(id) DEFERRABLE INITIALLY DEFERRED,
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
    reason     TEXT,
    sanction   INTEGER
) STRICT;
INSERT INTO matter_of_all SELECT id, is_appeal, room, thread, post, member, at_ms, claimed_by, claimed_ms, decided_by,
    decided_ms, decision, rule, reason, NULL FROM matter;
CREATE TABLE report_kept AS SELECT * FROM report;
DROP TABLE report;
DROP TABLE matter;
ALTER TABLE matter_of_all RENAME TO matter;
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
INSERT INTO report SELECT id, matter, by, at_ms, rule, reason FROM report_kept;
DROP TABLE report_kept;
CREATE INDEX report_matter ON report(matter);
CREATE INDEX report_by ON report(by);

PRAGMA user_version = 14;
