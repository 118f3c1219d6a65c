-- ---- Derived: the addresses in posts. What was found there is told post by post: what is known of one from a room that is not
-- open to all says nothing in another.
CREATE TABLE post_link(
    post  INTEGER NOT NULL,
    url   TEXT NOT NULL,                   -- as link_url makes it: the same for all ways to write it
    n     INTEGER NOT NULL,                -- its order in the post
    room  INTEGER NOT NULL,                -- where the post stands
    title TEXT,                            -- of what is there
    about TEXT,
    lang  TEXT,
    dead  INTEGER,                         -- when it ceased to answer; NULL: it does, as far as is known
    PRIMARY KEY (post, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_link_url ON post_link(url, room);
CREATE INDEX post_link_room ON post_link(room);

INSERT INTO post_link(post, url, n, room)
    SELECT post, url, n, room FROM (
        SELECT p.id AS post, link_url(json_extract(a.value, '$[1]')) AS url, min(a.key) AS n, t.room AS room,
            row_number() OVER (PARTITION BY p.id ORDER BY min(a.key)) AS place
        FROM post AS p JOIN thread AS t ON t.id = p.thread, json_each(p.md) AS a
        WHERE p.md LIKE '%["a","http%' AND a.type = 'array' AND json_extract(a.value, '$[0]') = 'a'
        GROUP BY p.id, link_url(json_extract(a.value, '$[1]')) HAVING link_url(json_extract(a.value, '$[1]')) IS NOT NULL)
    WHERE place <= 20;

PRAGMA user_version = 29;
