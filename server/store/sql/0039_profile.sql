-- ---- Personal: what members say of themselves, each field for a circle of their own choice. Never an entry, never sent to a peer.
CREATE TABLE profile(
    member INTEGER PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    peers  INTEGER NOT NULL                -- may be proposed to who looks for somebody to ask
) STRICT;
CREATE INDEX profile_peers ON profile(member) WHERE peers;

CREATE TABLE profile_field(
    member INTEGER NOT NULL,
    field  INTEGER NOT NULL,               -- a profile field's number
    shown  INTEGER NOT NULL,               -- a circle's number
    value  TEXT,                           -- text, or a JSON list; NULL: nothing is said
    words  TEXT,                           -- of what is searched: its words, folded, each after a blank
    PRIMARY KEY (member, field)
) STRICT, WITHOUT ROWID;

-- The values of lists, and of a field that is one of few; a language also without its country.
CREATE TABLE profile_key(
    member INTEGER NOT NULL,
    field  INTEGER NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (member, field, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX profile_key_value ON profile_key(field, value, member);

PRAGMA user_version = 39;
