-- What of somebody's profile was taken out with a warning.
ALTER TABLE sanction ADD COLUMN field TEXT;

PRAGMA user_version = 53;
