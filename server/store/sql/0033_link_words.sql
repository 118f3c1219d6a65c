-- A post is found by what its links lead to as well, title and description; and beginnings of three letters have an index of
-- their own: without one, FTS5 gathers all posts of a beginning before it tells the first.
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
            WHERE f.post = post.id ORDER BY f.n)), char(57344), ''), char(57345), '') END AS inside,
        replace(replace((SELECT group_concat(said, char(10)) FROM (
            SELECT coalesce(l.title || char(10), '') || coalesce(l.about, '') AS said FROM post_link AS l
            WHERE l.post = post.id AND (l.title IS NOT NULL OR l.about IS NOT NULL) ORDER BY l.n)),
            char(57344), ''), char(57345), '') AS links
    FROM post;

CREATE VIRTUAL TABLE post_fts USING fts5(text, names, inside, links, content='post_text', content_rowid='id',
    prefix='3', tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE post_tri USING fts5(text, names, inside, links, content='post_text', content_rowid='id',
    tokenize = "trigram");
CREATE VIRTUAL TABLE post_words USING fts5vocab(post_fts, row);
CREATE VIRTUAL TABLE post_tri_words USING fts5vocab(post_tri, row);

INSERT INTO post_fts(rowid, text, names, inside, links) SELECT id, text, names, inside, links FROM post_text
    WHERE text <> '' OR names IS NOT NULL OR links IS NOT NULL ORDER BY id;
INSERT OR IGNORE INTO post_spaceless(id) SELECT id FROM post_text WHERE links IS NOT NULL AND is_spaceless(links);
INSERT INTO post_tri(rowid, text, names, inside, links) SELECT s.id, x.text, x.names, x.inside, x.links
    FROM post_spaceless AS s JOIN post_text AS x ON x.id = s.id ORDER BY s.id;

PRAGMA user_version = 33;
