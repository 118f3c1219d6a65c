-- A post is found by its files, too: by their names and what they show (alt), and by the words inside them, of which the first
-- 65,536 characters count. All of it is read through post_text, and nothing is stored twice.
-- What a file shows, as its author says it.
ALTER TABLE post_file ADD COLUMN alt TEXT;
UPDATE post_file SET alt = coalesce(json_extract((SELECT files FROM post WHERE id = post_file.post), '$[' || n || '].alt'),
    json_extract((SELECT says FROM held WHERE id = post_file.post), '$.files[' || n || '].alt'));

DROP TABLE post_words;
DROP TABLE post_tri_words;
DROP TABLE post_fts;
DROP TABLE post_tri;
DROP VIEW post_text;

CREATE VIEW post_text AS
    SELECT id, replace(replace(text, char(57344), ''), char(57345), '') AS text,
        CASE WHEN files IS NOT NULL THEN replace(replace((SELECT group_concat(said, char(10)) FROM (
            SELECT f.name || coalesce(char(10) || f.alt, '') AS said
            FROM post_file AS f WHERE f.post = post.id ORDER BY f.n)), char(57344), ''), char(57345), '') END AS names,
        CASE WHEN files IS NOT NULL THEN replace(replace((SELECT substr(group_concat(found, char(10)), 1, 65536) FROM (
            SELECT b.text AS found FROM post_file AS f JOIN blob AS b ON b.hash = f.hash
            WHERE f.post = post.id ORDER BY f.n)), char(57344), ''), char(57345), '') END AS inside
    FROM post;

CREATE VIRTUAL TABLE post_fts USING fts5(text, names, inside, content='post_text', content_rowid='id',
    tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE post_tri USING fts5(text, names, inside, content='post_text', content_rowid='id', tokenize = "trigram");
CREATE VIRTUAL TABLE post_words USING fts5vocab(post_fts, row);
CREATE VIRTUAL TABLE post_tri_words USING fts5vocab(post_tri, row);

INSERT INTO post_fts(rowid, text, names, inside) SELECT id, text, names, inside FROM post_text
    WHERE text <> '' OR names IS NOT NULL ORDER BY id;
INSERT OR IGNORE INTO post_spaceless(id) SELECT id FROM post_text WHERE names IS NOT NULL
    AND (is_spaceless(names) OR is_spaceless(inside));
INSERT INTO post_tri(rowid, text, names, inside) SELECT s.id, x.text, x.names, x.inside FROM post_spaceless AS s
    JOIN post_text AS x ON x.id = s.id ORDER BY s.id;

PRAGMA user_version = 24;
