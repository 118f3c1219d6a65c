-- What the sender of an upload told about it besides its name: tus 1.0 has it told again by HEAD.
ALTER TABLE upload ADD COLUMN metadata TEXT;
PRAGMA user_version = 26;
