-- How far an account's postings are known: see `store/progress.rs`. The last four are of a scan that has not come to its end.
CREATE TABLE progress (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    known_until INTEGER,
    everything_at INTEGER,
    began_at INTEGER,
    since INTEGER,
    cursor TEXT,
    fetched INTEGER,
    PRIMARY KEY (profile, platform, account),
    CHECK (cursor IS NULL OR (began_at IS NOT NULL AND fetched IS NOT NULL))
) STRICT, WITHOUT ROWID;
