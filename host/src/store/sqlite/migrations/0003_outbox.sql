-- Events that somebody is to be told of, and what became of telling each channel.

CREATE TABLE events (
    profile TEXT NOT NULL,
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (profile, id),
    UNIQUE (profile, key)
) STRICT;

CREATE TABLE deliveries (
    profile TEXT NOT NULL,
    event TEXT NOT NULL,
    channel TEXT NOT NULL,
    -- 0 waiting, 1 delivered, 2 given up.
    state INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    claimed_until INTEGER,
    changed_at INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (profile, event, channel),
    FOREIGN KEY (profile, event) REFERENCES events (profile, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_waiting ON deliveries (profile, channel, due_at) WHERE state = 0;
