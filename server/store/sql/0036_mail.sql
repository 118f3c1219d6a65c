-- ---- Personal: mail on its way out. A row goes once it was sent or given up.
CREATE TABLE mail(
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- one that went is never another's
    message    BLOB NOT NULL,                -- random: its Message-ID, the same at each try
    member     INTEGER,                      -- NULL: no member's
    to_address TEXT,                         -- NULL: nobody's; never sent
    lang       TEXT NOT NULL,
    kind       INTEGER NOT NULL,
    args       TEXT NOT NULL,                -- JSON, by kind
    at_ms      INTEGER NOT NULL,
    next_ms    INTEGER NOT NULL,             -- when it is tried (again)
    tries      INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_next ON mail(next_ms);
CREATE INDEX mail_member ON mail(member);

-- ---- Personal: whose address refuses mail, since it last took one.
CREATE TABLE mail_trouble(
    member  INTEGER PRIMARY KEY,
    refused INTEGER NOT NULL,                -- mails in a row
    at_ms   INTEGER NOT NULL,                -- of the last
    why     TEXT NOT NULL                    -- what their server said
) STRICT;

PRAGMA user_version = 36;
