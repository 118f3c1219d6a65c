-- ---- Derived: what moderators of a region gather of its resources, wherever they are.
CREATE TABLE collection(
    id      INTEGER PRIMARY KEY,
    region  INTEGER NOT NULL,
    title   TEXT NOT NULL,
    about   TEXT,
    by      INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    retired INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX collection_region ON collection(region);
CREATE TABLE collection_item(            -- resource_key has them as g and the collection, while they are listed
    collection INTEGER NOT NULL,
    thread     INTEGER NOT NULL,
    PRIMARY KEY (collection, thread)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_item_thread ON collection_item(thread);

PRAGMA user_version = 28;
