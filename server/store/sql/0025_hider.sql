-- ---- Derived: who ever hid a post: they do not decide about an appeal against its being hidden, whoever hid it last.
CREATE TABLE hider(
    post INTEGER NOT NULL,
    by   INTEGER NOT NULL,
    PRIMARY KEY (post, by)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO hider(post, by) SELECT subject, actor FROM journal WHERE kind = 17;

PRAGMA user_version = 25;
