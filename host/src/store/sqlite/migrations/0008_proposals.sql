-- Proposals. A number counts up within the profile and is never given again.
CREATE TABLE proposals (
    profile TEXT NOT NULL,
    number INTEGER NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    posting TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (profile, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposals_by_posting ON proposals (profile, platform, account, posting);
CREATE INDEX proposals_by_state ON proposals (profile, state);

-- The last number given in a profile, which outlives what it was given to.
CREATE TABLE proposal_numbers (
    profile TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The states that a proposal went through.
CREATE TABLE passages (
    profile TEXT NOT NULL,
    number INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (profile, number, revision),
    FOREIGN KEY (profile, number) REFERENCES proposals (profile, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What attempts have used up. It outlives the proposal: removing one must not renew a budget.
CREATE TABLE spending (
    profile TEXT NOT NULL,
    attempt TEXT NOT NULL,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    at INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (profile, attempt, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX spending_by_time ON spending (profile, at);

-- Switches of a profile that are on.
CREATE TABLE switches (
    profile TEXT NOT NULL,
    name TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (profile, name)
) STRICT, WITHOUT ROWID;
