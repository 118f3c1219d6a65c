-- ---- Personal: what was spent of an allowance (allowance.h); a row goes when it counts no more, a day at the latest.
CREATE TABLE spent(
    allowance INTEGER NOT NULL,        -- enum allowance
    key       TEXT NOT NULL,           -- the address that was written to; '': it is none's
    member    INTEGER NOT NULL,        -- at whose wish; 0: whoever's
    who       INTEGER NOT NULL,        -- what else it is counted by, as a number, where there is such a thing; or 0
    until_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX spent_count ON spent(allowance, key, member, who, until_ms);
CREATE INDEX spent_until ON spent(until_ms);

PRAGMA user_version = 49;
