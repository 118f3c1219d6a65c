-- People are found by where they work, too.
DROP TABLE member_words;
DROP TABLE member_fts;
CREATE VIRTUAL TABLE member_fts USING fts5(handle, name, org, city, content='member', content_rowid='id',
    tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE member_words USING fts5vocab(member_fts, row);
INSERT INTO member_fts(rowid, handle, name, org, city) SELECT id, handle, name, org, city FROM member ORDER BY id;

PRAGMA user_version = 32;
