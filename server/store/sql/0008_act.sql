-- What was moderated in a room, newest first, without a walk over all that was said there.
CREATE INDEX journal_act ON journal(room) WHERE kind NOT IN (1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 16);

PRAGMA user_version = 8;
