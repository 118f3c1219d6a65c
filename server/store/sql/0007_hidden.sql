-- ---- Derived: posts that moderators took out of sight. Their text stays in post, for its author and moderators.
CREATE TABLE hidden(
    post   INTEGER PRIMARY KEY REFERENCES post(id) DEFERRABLE INITIALLY DEFERRED,
    at_ms  INTEGER NOT NULL,
    by     INTEGER NOT NULL,
    rule   TEXT,
    reason TEXT
) STRICT;

PRAGMA user_version = 7;
