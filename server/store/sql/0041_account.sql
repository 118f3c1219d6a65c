-- How people sign in, and where they are signed in. Secret: left alone by a rebuild, never sent to a peer. What people hold is kept
-- as a hash alone.

-- ---- Where somebody is signed in. Its public name is the first 8 bytes of the hash.
ALTER TABLE session ADD COLUMN device TEXT;                       -- as its owner's browser calls itself
ALTER TABLE session ADD COLUMN seen_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN is_strong INTEGER NOT NULL DEFAULT 0;   -- by a passkey, or with a second factor
UPDATE session SET seen_ms = created_ms;

-- ---- Addresses that were shown to be somebody's: a code sent to them was given back.
CREATE TABLE address(
    key    TEXT PRIMARY KEY,           -- in the form of mailbox.h
    member INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX address_member ON address(member);

-- ---- Sign-ins that are not finished, kept for an hour, also when they are over: they are counted.
CREATE TABLE attempt(
    ticket     BLOB PRIMARY KEY,       -- of what the browser that asked holds
    kind       INTEGER NOT NULL,       -- enum attempt_kind
    key        TEXT,                   -- the address that was asked for
    member     INTEGER NOT NULL,       -- 0: nobody has it
    code       BLOB,                   -- of ticket and code together
    tries      INTEGER NOT NULL DEFAULT 0,
    is_passed  INTEGER NOT NULL DEFAULT 0,   -- a first factor was shown, a second one is to come
    how        INTEGER NOT NULL DEFAULT 0,   -- that first one: enum session_kind
    data       TEXT,                   -- what its kind needs: a challenge, a nonce
    at_ms      INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_key ON attempt(key);
CREATE INDEX attempt_at ON attempt(at_ms);
CREATE INDEX attempt_mailed ON attempt(member) WHERE member = 0 AND data = 'mailed';
CREATE INDEX attempt_member ON attempt(member);

-- ---- Invitations. Their public name is the first 8 bytes of the hash.
CREATE TABLE invitation(
    hash       BLOB PRIMARY KEY,
    by         INTEGER NOT NULL,       -- whose rights count when it is used; 0: the operator
    org        INTEGER,
    is_delegate INTEGER NOT NULL DEFAULT 0,
    region     INTEGER,
    room       INTEGER,
    role       INTEGER NOT NULL,
    key        TEXT,                   -- for this address alone
    lang       TEXT,
    uses       INTEGER NOT NULL,       -- how often it may be used
    used       INTEGER NOT NULL DEFAULT 0,
    at_ms      INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by ON invitation(by);

-- Who came by which invitation.
CREATE TABLE invited(
    member     INTEGER NOT NULL,
    invitation BLOB NOT NULL,
    by         INTEGER NOT NULL,
    at_ms      INTEGER NOT NULL,
    PRIMARY KEY (member, invitation)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 41;
