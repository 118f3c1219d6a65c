-- ---- Derived: roles that were given for a region or a room (scope); the one for the hub stands in member. The highest that
-- counts in a place is somebody's role there.
CREATE TABLE given_role(
    member INTEGER NOT NULL,
    scope  INTEGER NOT NULL,
    role   INTEGER NOT NULL,
    PRIMARY KEY (member, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX given_role_scope ON given_role(scope, member);

PRAGMA user_version = 6;
