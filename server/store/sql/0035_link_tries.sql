-- How often in a row a link could not be asked, for the pause until the next try.
ALTER TABLE link_due ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 35;
