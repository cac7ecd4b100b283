-- Contracts, as the platform described them last.
CREATE TABLE contracts (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    handed_in TEXT NOT NULL,
    contract TEXT NOT NULL,
    PRIMARY KEY (profile, platform, account, id)
) STRICT, WITHOUT ROWID;

-- Where following proposals and contracts left off.
CREATE TABLE positions (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    followed TEXT NOT NULL,
    cursor TEXT NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (profile, platform, account, followed)
) STRICT, WITHOUT ROWID;
