-- ---- Personal: what somebody is writing, one for each place. A row whose text is NULL says that the draft ended (it was
-- sent or emptied), so that an older copy which comes late from another device does not bring it back.
CREATE TABLE draft(
    member   INTEGER NOT NULL,
    place    INTEGER NOT NULL,               -- a thread: a reply; a room: a new thread in it; 0: a room is not chosen yet
    at_ms    INTEGER NOT NULL,               -- of its last change, by its writer's clock: the newest wins
    kind     INTEGER NOT NULL DEFAULT 0,     -- of a new thread; 0: not said
    title    TEXT,
    text     TEXT,
    reply_to INTEGER,
    PRIMARY KEY (member, place)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 3;
