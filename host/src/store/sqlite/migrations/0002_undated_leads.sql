-- A lead may lack the time of its posting. SQLite cannot change a table's check, so the table is made anew; its history is kept aside
-- meanwhile, for it would go with the old one.

CREATE TABLE history_aside AS SELECT * FROM history;
DROP TABLE history;
ALTER TABLE postings RENAME TO postings_before;
DROP INDEX leads_by_score;
DROP INDEX skipped_by_filter;

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
    -- Of a lead none where the platform does not say it: such leads come last of those that score alike.
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
    CHECK (kept = 0 OR (score IS NOT NULL AND scored_at IS NOT NULL AND facts IS NOT NULL AND explained IS NOT NULL
        AND posting IS NOT NULL)),
    CHECK (kept = 1 OR (stage IS NOT NULL AND filter IS NOT NULL AND reason IS NOT NULL))
) STRICT;

INSERT INTO postings SELECT * FROM postings_before;
DROP TABLE postings_before;

CREATE INDEX leads_by_score ON postings (profile, score DESC, posted_at DESC, platform, account, id) WHERE kept = 1;
CREATE INDEX skipped_by_filter ON postings (profile, platform, account, stage, filter) WHERE kept = 0;

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

INSERT INTO history SELECT * FROM history_aside;
DROP TABLE history_aside;
