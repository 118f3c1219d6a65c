-- ---- Personal: searches that somebody keeps. Looked through again when they ask, and while they are here with `notify`.
CREATE TABLE saved(
    member   INTEGER NOT NULL,
    id       TEXT NOT NULL,                  -- their own name for it
    at_ms    INTEGER NOT NULL,               -- when it was kept or last changed
    seen     INTEGER NOT NULL,               -- what was written up to here is no news
    notify   INTEGER NOT NULL,
    text     TEXT NOT NULL,
    region   INTEGER NOT NULL,               -- filters; 0: any
    room     INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    by       INTEGER NOT NULL,
    has_file INTEGER NOT NULL,
    year     INTEGER NOT NULL,
    lang     TEXT,
    PRIMARY KEY (member, id)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 30;
