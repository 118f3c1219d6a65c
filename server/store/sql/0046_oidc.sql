-- Accounts elsewhere by which people sign in (OpenID Connect): issuer and subject together name one for ever. Secret: left alone by a
-- rebuild, never sent to a peer.
CREATE TABLE oidc_link(
    id      INTEGER PRIMARY KEY,
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    member  INTEGER NOT NULL,
    at_ms   INTEGER NOT NULL,
    used_ms INTEGER,
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX oidc_link_member ON oidc_link(member);

PRAGMA user_version = 46;
