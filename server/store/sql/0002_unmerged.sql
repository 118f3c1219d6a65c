-- Redactions whose words may still stand in older pages of the search indexes: ids of their entries, until all pages
-- were merged and the write-ahead log was emptied.
CREATE TABLE unmerged(entry INTEGER PRIMARY KEY) STRICT;

PRAGMA user_version = 2;
