-- A token for a program: a session of kind 2, whose device is its name.
ALTER TABLE session ADD COLUMN scopes INTEGER;   -- enum scope, as bits; NULL: all that its member may
ALTER TABLE session ADD COLUMN rooms TEXT;       -- JSON, the rooms that it is bound to; NULL: all that its member may read

PRAGMA user_version = 45;
