-- What a person makes of a posting (its mark and tags), what lists are sorted by, and since when and whether its content is kept. SQLite adds
-- columns behind the wide ones, where reading them costs their overflow pages, so the table is made anew; its history is kept aside
-- meanwhile, for it would go with the old one.

CREATE TABLE history_aside AS SELECT * FROM history;
DROP TABLE history;
ALTER TABLE postings RENAME TO postings_before;
DROP INDEX leads_by_score;
DROP INDEX skipped_by_filter;
DROP INDEX untold_leads;

CREATE TABLE postings (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
    -- 0 new, 1 seen, 2 starred, 3 dismissed. A scan does not change it.
    mark INTEGER NOT NULL DEFAULT 0 CHECK (mark IN (0, 1, 2, 3)),
    -- Whether a rule ranks it before all others.
    ranked_first INTEGER NOT NULL DEFAULT 0 CHECK (ranked_first IN (0, 1)),
    scan INTEGER NOT NULL,
    novelty INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    -- When its content came from the platform, and when it was purged, if it was.
    fetched_at INTEGER NOT NULL,
    purged_at INTEGER,
    content BLOB NOT NULL,
    score INTEGER,
    confidence REAL,
    -- The upper end in USD hundredths, of hourly work for 40 hours; none where it cannot be told.
    budget_usd INTEGER,
    -- Of a lead none where the platform does not say it: such leads come last of those that score alike.
    posted_at INTEGER,
    scored_at INTEGER,
    -- The highest score that a lead was told of, or passed over, with; none while it is new.
    told INTEGER,
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

-- What lists are sorted by is told of leads from before by the next scan that meets them, but for the rule's rank, which decides who comes first.
INSERT INTO postings (profile, platform, account, id, kept, ranked_first, scan, novelty, revision, first_seen, last_seen, fetched_at, content,
    score, posted_at, scored_at, told, stage, filter, title, url, reason, facts, explained, posting)
SELECT profile, platform, account, id, kept,
    coalesce(iif(json_valid(explained), json_extract(explained, '$.rule.action') = 'priority', 0), 0),
    scan, novelty, revision, first_seen, last_seen, last_seen, content,
    score, posted_at, scored_at, told, stage, filter, title, url, reason, facts, explained, posting
FROM postings_before;
DROP TABLE postings_before;

CREATE INDEX leads_by_score ON postings (profile, ranked_first DESC, score DESC, posted_at DESC, platform, account, id) WHERE kept = 1;
CREATE INDEX skipped_by_filter ON postings (profile, platform, account, stage, filter) WHERE kept = 0;
CREATE INDEX untold_leads ON postings (profile, platform, account, score DESC) WHERE kept = 1 AND (told IS NULL OR told < score);
CREATE INDEX content_by_age ON postings (profile, platform, fetched_at) WHERE purged_at IS NULL;

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

CREATE TABLE tags (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (profile, platform, account, id, tag),
    FOREIGN KEY (profile, platform, account, id) REFERENCES postings (profile, platform, account, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
