-- The first schema. The journal is the truth; what stands under "derived" is made from it by apply alone and can be
-- dropped and replayed; what stands under "personal" and "secret" belongs to people and is left alone by a rebuild.
PRAGMA application_id = 1111579201;   -- 'BAZA'

-- ---- The journal -----------------------------------------------------------------------------------------------
CREATE TABLE journal(
    id        INTEGER PRIMARY KEY,     -- hub << 40 | seq
    hub       INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    actor     INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    room      INTEGER NOT NULL,        -- the chain it belongs to; 0: the hub's own
    thread    INTEGER NOT NULL,
    subject   INTEGER NOT NULL,
    cid       TEXT,
    body      TEXT,                    -- NULL: erased; body_hash keeps the chain verifiable
    body_hash BLOB NOT NULL,
    hash      BLOB NOT NULL,
    CHECK (id >> 40 = hub AND id & 1099511627775 > 0)
) STRICT;
CREATE UNIQUE INDEX journal_cid ON journal(actor, cid, hub) WHERE cid IS NOT NULL;
CREATE INDEX journal_room ON journal(room);

CREATE TRIGGER journal_kept BEFORE DELETE ON journal
BEGIN
    SELECT raise(ABORT, 'the journal is append-only');
END;
CREATE TRIGGER journal_fixed BEFORE UPDATE ON journal
WHEN NOT (NEW.body IS NULL AND NEW.id IS OLD.id AND NEW.hub IS OLD.hub AND NEW.at_ms IS OLD.at_ms
          AND NEW.actor IS OLD.actor AND NEW.kind IS OLD.kind AND NEW.room IS OLD.room
          AND NEW.thread IS OLD.thread AND NEW.subject IS OLD.subject AND NEW.cid IS OLD.cid
          AND NEW.body_hash IS OLD.body_hash AND NEW.hash IS OLD.hash)
BEGIN
    SELECT raise(ABORT, 'the journal is append-only');
END;

-- Heads of the hash chains; a row per (hub, room), room 0: what belongs to the hub. Kept by append.
CREATE TABLE chain(
    hub  INTEGER NOT NULL,
    room INTEGER NOT NULL,
    head INTEGER NOT NULL,             -- id of the newest entry
    hash BLOB NOT NULL,
    PRIMARY KEY (hub, room)
) STRICT, WITHOUT ROWID;

-- ---- Derived ---------------------------------------------------------------------------------------------------
CREATE TABLE hub(
    hub  INTEGER PRIMARY KEY,          -- 0: this one
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE region(
    id   INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    lang TEXT NOT NULL
) STRICT;

CREATE TABLE member(
    id      INTEGER PRIMARY KEY,
    handle  TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    role    INTEGER NOT NULL,
    org     TEXT,
    city    TEXT,
    country TEXT,
    region  INTEGER,
    lang    TEXT NOT NULL
) STRICT;

CREATE TABLE room(
    id      INTEGER PRIMARY KEY,
    region  INTEGER NOT NULL REFERENCES region(id) DEFERRABLE INITIALLY DEFERRED,
    slug    TEXT NOT NULL,
    name    TEXT NOT NULL,
    about   TEXT,
    lang    TEXT NOT NULL,
    access  INTEGER NOT NULL,
    chat    INTEGER NOT NULL DEFAULT 0,      -- its lobby
    threads INTEGER NOT NULL DEFAULT 0,      -- without the lobby
    members INTEGER NOT NULL DEFAULT 0,
    UNIQUE (region, slug)
) STRICT;

CREATE TABLE membership(
    room   INTEGER NOT NULL REFERENCES room(id) DEFERRABLE INITIALLY DEFERRED,
    member INTEGER NOT NULL,
    how    INTEGER NOT NULL,                 -- 1 joined, 2 invited
    since  INTEGER NOT NULL,                 -- the entry that made it: what came before is never unread
    PRIMARY KEY (room, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_member ON membership(member, room);

CREATE TABLE thread(
    id        INTEGER PRIMARY KEY,
    room      INTEGER NOT NULL REFERENCES room(id) DEFERRABLE INITIALLY DEFERRED,
    kind      INTEGER NOT NULL,
    title     TEXT NOT NULL,
    lang      TEXT NOT NULL,
    fields    TEXT,
    by        INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    posts     INTEGER NOT NULL DEFAULT 0,
    last      INTEGER NOT NULL,              -- id of the newest post, or of the thread while it is empty
    last_at   INTEGER NOT NULL,
    last_by   INTEGER NOT NULL,
    answer    INTEGER,
    is_pinned INTEGER NOT NULL DEFAULT 0,
    is_locked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX thread_room ON thread(room, last);

CREATE TABLE post(
    id          INTEGER PRIMARY KEY,
    thread      INTEGER NOT NULL REFERENCES thread(id) DEFERRABLE INITIALLY DEFERRED,
    n           INTEGER NOT NULL,            -- its place in the thread, from 1
    by          INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    changed     INTEGER NOT NULL,            -- the entry that last changed text or redaction
    reply_to    INTEGER,
    edited_at   INTEGER,
    redacted_at INTEGER,
    redacted_by INTEGER,
    reason      TEXT,
    lang        TEXT NOT NULL,
    text        TEXT NOT NULL,
    md          TEXT
) STRICT;
CREATE INDEX post_thread ON post(thread);

-- Earlier texts of edited posts; the present one stands in post.
CREATE TABLE post_version(
    post  INTEGER NOT NULL REFERENCES post(id) DEFERRABLE INITIALLY DEFERRED,
    entry INTEGER NOT NULL,                  -- the entry that brought this text
    at_ms INTEGER NOT NULL,
    by    INTEGER NOT NULL,
    lang  TEXT NOT NULL,
    text  TEXT NOT NULL,
    md    TEXT,
    PRIMARY KEY (post, entry)
) STRICT, WITHOUT ROWID;

CREATE TABLE reaction(
    post   INTEGER NOT NULL REFERENCES post(id) DEFERRABLE INITIALLY DEFERRED,
    emoji  TEXT NOT NULL,
    member INTEGER NOT NULL,
    PRIMARY KEY (post, emoji, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE mention(
    member INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    post   INTEGER NOT NULL REFERENCES post(id) DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (member, thread, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_post ON mention(post);

-- Search. The text is not stored twice: the indexes read it through these views, which take out U+E000 and U+E001,
-- the marks of a found word, so that nobody can write marks of their own.
CREATE VIEW post_text AS
    SELECT id, replace(replace(text, char(57344), ''), char(57345), '') AS text FROM post;
CREATE VIEW thread_title AS
    SELECT id, replace(replace(title, char(57344), ''), char(57345), '') AS title FROM thread;

CREATE VIRTUAL TABLE post_fts USING fts5(text, content='post_text', content_rowid='id',
    tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE title_fts USING fts5(title, content='thread_title', content_rowid='id',
    tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE member_fts USING fts5(handle, name, content='member', content_rowid='id',
    tokenize = "unicode61 remove_diacritics 2");

-- Scripts without spaces: only what is written in them, by three characters; shorter words are looked for one by one.
CREATE VIRTUAL TABLE post_tri USING fts5(text, content='post_text', content_rowid='id', tokenize = "trigram");
CREATE VIRTUAL TABLE title_tri USING fts5(title, content='thread_title', content_rowid='id', tokenize = "trigram");
CREATE TABLE post_spaceless(id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE title_spaceless(id INTEGER PRIMARY KEY) STRICT;

-- The words of the indexes, for the digest.
CREATE VIRTUAL TABLE post_words USING fts5vocab(post_fts, row);
CREATE VIRTUAL TABLE title_words USING fts5vocab(title_fts, row);
CREATE VIRTUAL TABLE member_words USING fts5vocab(member_fts, row);
CREATE VIRTUAL TABLE post_tri_words USING fts5vocab(post_tri, row);
CREATE VIRTUAL TABLE title_tri_words USING fts5vocab(title_tri, row);

-- ---- Personal --------------------------------------------------------------------------------------------------
CREATE TABLE read_pos(
    member INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (member, thread)
) STRICT, WITHOUT ROWID;

CREATE TABLE follow(
    member INTEGER NOT NULL,
    thread INTEGER NOT NULL,
    level  INTEGER NOT NULL,
    PRIMARY KEY (member, thread)
) STRICT, WITHOUT ROWID;

-- ---- Secret: only hashes of what people hold --------------------------------------------------------------------
CREATE TABLE session(
    hash       BLOB PRIMARY KEY,
    member     INTEGER NOT NULL,
    kind       INTEGER NOT NULL,             -- 1 opened by a link, 2 an issued token
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_member ON session(member);

CREATE TABLE link(
    hash       BLOB PRIMARY KEY,
    member     INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    uses       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
