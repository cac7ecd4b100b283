-- Whose a row is comes first in every key: profile, platform, account.
-- Times are seconds since 1970, amounts hundredths, scores hundredths of a point.

-- Who may scan an account now. At most one row an account, replaced when it has expired.
CREATE TABLE leases (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    token TEXT NOT NULL,
    owner TEXT NOT NULL,
    since INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (profile, platform, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE scans (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- The lease it runs under: a scan without an end whose lease is gone was interrupted.
    lease TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    duration_ms INTEGER,
    fetched INTEGER NOT NULL DEFAULT 0,
    new INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    kept INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    notices TEXT NOT NULL DEFAULT '[]',
    failure TEXT,
    PRIMARY KEY (profile, platform, account, number)
) STRICT, WITHOUT ROWID;

-- Leads and skipped postings share one table, so that none can be both. The wide columns are last: a row's narrow ones are
-- then read without its overflow pages.
CREATE TABLE postings (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
    scan INTEGER NOT NULL,
    novelty INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    content BLOB NOT NULL,
    score INTEGER,
    posted_at INTEGER,
    scored_at INTEGER,
    stage TEXT,
    filter TEXT,
    title TEXT NOT NULL,
    url TEXT,
    reason TEXT,
    facts TEXT,
    explained TEXT,
    posting TEXT,
    PRIMARY KEY (profile, platform, account, id),
    CHECK (kept = 0 OR (score IS NOT NULL AND posted_at IS NOT NULL AND scored_at IS NOT NULL AND facts IS NOT NULL
        AND explained IS NOT NULL AND posting IS NOT NULL)),
    CHECK (kept = 1 OR (stage IS NOT NULL AND filter IS NOT NULL AND reason IS NOT NULL))
) STRICT;

CREATE INDEX leads_by_score ON postings (profile, score DESC, posted_at DESC, platform, account, id) WHERE kept = 1;
CREATE INDEX skipped_by_filter ON postings (profile, platform, account, stage, filter) WHERE kept = 0;

-- What a posting's budget, status and proposals were before. A ring: `slot` is the revision modulo the number of slots.
CREATE TABLE history (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    slot INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    until INTEGER NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (profile, platform, account, id, slot),
    FOREIGN KEY (profile, platform, account, id) REFERENCES postings (profile, platform, account, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (profile, platform, account, key)
) STRICT;

CREATE TABLE wake_ups (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (profile, platform, account, key)
) STRICT, WITHOUT ROWID;

-- What is bounded by the day. `day` is the number of whole UTC days since 1970.
CREATE TABLE daily_counts (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    what TEXT NOT NULL,
    day INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (profile, platform, account, what, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    plugin TEXT NOT NULL,
    at INTEGER NOT NULL,
    phase TEXT NOT NULL,
    method TEXT NOT NULL,
    host TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    credential TEXT,
    outcome TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_time ON audit (profile, platform, account, at);
