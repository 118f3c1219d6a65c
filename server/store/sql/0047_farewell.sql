-- Where and how who leaves is told that nothing is left of them: until then, and no longer.
ALTER TABLE erasure ADD COLUMN addresses TEXT;   -- with blanks between; the first is written to
ALTER TABLE erasure ADD COLUMN lang TEXT;        -- NULL: they are not told

PRAGMA user_version = 47;
