-- ---- Derived: the organisations that members act for. A member is in one at most; member.org is its name.
CREATE TABLE org(
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    country TEXT NOT NULL,
    city    TEXT,
    region  INTEGER,
    langs   TEXT,                        -- JSON array
    contact TEXT,                        -- of its office
    size    TEXT,
    at_ms   INTEGER NOT NULL
) STRICT;
CREATE TABLE org_member(
    member       INTEGER PRIMARY KEY,
    org          INTEGER NOT NULL,
    is_delegate  INTEGER NOT NULL,
    since_ms     INTEGER NOT NULL,
    confirmed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX org_member_org ON org_member(org);

PRAGMA user_version = 37;
