-- ---- Personal: who asked to join. A row goes 90 days after it was decided.
CREATE TABLE join_request(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- one that went is never another's
    key        TEXT NOT NULL,                -- their address, which they showed to be theirs
    name       TEXT NOT NULL,
    title      TEXT,                         -- of what they do there
    kind       TEXT NOT NULL,                -- of the organisation, as are org, country, city, region, langs and website
    org        TEXT NOT NULL,
    country    TEXT NOT NULL,
    city       TEXT,
    region     INTEGER,
    langs      TEXT,
    lang       TEXT NOT NULL,                -- theirs
    website    TEXT,
    text       TEXT,
    at_ms      INTEGER NOT NULL,
    decided_ms INTEGER,
    decided_by INTEGER,
    approved   INTEGER,
    reason     TEXT,
    of_org     INTEGER                       -- what they were invited to
) STRICT;
CREATE INDEX join_request_key ON join_request(key);

-- What a list of people said of who is invited: they find it filled in.
ALTER TABLE invitation ADD COLUMN said TEXT;

PRAGMA user_version = 43;
