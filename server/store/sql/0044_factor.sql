-- What people sign in with beside a code by mail. Secret: left alone by a rebuild, never sent to a peer.
CREATE TABLE factor(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- one that went is never another's
    member     INTEGER NOT NULL,
    kind       INTEGER NOT NULL,             -- enum factor_kind
    name       TEXT,                         -- of a passkey, as its owner calls it
    credential BLOB UNIQUE,                  -- of a passkey: its id
    secret     BLOB NOT NULL,                -- a passkey's public key; what an authenticator app shares; a password's argon2id hash as
                                             -- text; the BLAKE2b of a recovery code
    counter    INTEGER NOT NULL DEFAULT 0,   -- of a passkey: its own; of an app: the last step of which a code was taken
    at_ms      INTEGER NOT NULL,
    used_ms    INTEGER
) STRICT;
CREATE INDEX factor_member ON factor(member, kind);

-- Wrong passwords and second factors within an hour, each counted for itself. Member 0: all that nobody has.
CREATE TABLE factor_try(
    member  INTEGER NOT NULL,
    kind    INTEGER NOT NULL,                -- 3 a password, 2 a second factor
    from_ms INTEGER NOT NULL,
    tries   INTEGER NOT NULL,
    PRIMARY KEY (member, kind)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 44;
