-- What the daemon has planned, how often platforms were asked of late, and which leads somebody has been told of.

CREATE TABLE plans (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    planned_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    interval INTEGER NOT NULL,
    PRIMARY KEY (profile, platform, account)
) STRICT, WITHOUT ROWID;

-- Requests by the parts of each window, of all profiles together: platforms count them by address or application. `begins` is a part's first second.
CREATE TABLE request_counts (
    platform TEXT NOT NULL,
    length INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (platform, length, begins)
) STRICT, WITHOUT ROWID;

CREATE TABLE pauses (
    platform TEXT NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The highest score that a lead was told of, or passed over, with; none while it is new. Leads of before this are no news.
ALTER TABLE postings ADD COLUMN told INTEGER;
UPDATE postings SET told = score WHERE kept = 1;
CREATE INDEX untold_leads ON postings (profile, platform, account, score DESC) WHERE kept = 1 AND (told IS NULL OR told < score);

-- When somebody was last told of leads.
CREATE TABLE digests (
    profile TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (profile, platform, account)
) STRICT, WITHOUT ROWID;
