-- How many sign-ins are under way: counted as they come and go, not each time one begins.
CREATE TABLE under_way(
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    attempts INTEGER NOT NULL
) STRICT;
INSERT INTO under_way SELECT 1, count(*) FROM attempt;
CREATE TRIGGER attempt_came AFTER INSERT ON attempt BEGIN UPDATE under_way SET attempts = attempts + 1; END;
CREATE TRIGGER attempt_went AFTER DELETE ON attempt BEGIN UPDATE under_way SET attempts = attempts - 1; END;

PRAGMA user_version = 50;
