-- ---- The journal's seals: what the hub signed, so that nobody who has the file can change the record without being found.
CREATE TABLE checkpoint(
    seq       INTEGER PRIMARY KEY,     -- the newest entry that it covers
    at_ms     INTEGER NOT NULL,
    previous  BLOB NOT NULL,           -- hash of the checkpoint before; zeros for the first
    heads     BLOB NOT NULL,           -- hash over the heads of all chains, in the order of rooms
    marks     BLOB NOT NULL,           -- eight bytes of the hash of each entry since the checkpoint before
    key       BLOB NOT NULL,           -- Ed25519, public
    signature BLOB NOT NULL
) STRICT;
CREATE TRIGGER checkpoint_kept BEFORE DELETE ON checkpoint
BEGIN
    SELECT raise(ABORT, 'checkpoints are kept');
END;
CREATE TRIGGER checkpoint_fixed BEFORE UPDATE ON checkpoint
BEGIN
    SELECT raise(ABORT, 'checkpoints are kept');
END;

PRAGMA user_version = 12;
