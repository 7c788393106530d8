-- One row for each turn: a question, a choice, or a rating, with its answer. The key is in the order of
-- time, so rows are appended.
CREATE TABLE turns (
    at BIGINT NOT NULL,
    nonce BIGINT NOT NULL,
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    asked_desk TEXT,
    conversation TEXT NOT NULL,
    text TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    entry TEXT,
    referral TEXT,
    desk TEXT,
    is_open BIGINT,
    confidence DOUBLE PRECISION NOT NULL,
    suggestions TEXT NOT NULL,
    helpful BIGINT,
    also TEXT,
    knowledge TEXT NOT NULL,
    PRIMARY KEY (at, nonce)
) WITHOUT ROWID;

-- Counts of the turns whose rows were deleted. They have no words and no conversation.
CREATE TABLE daily (
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    entry TEXT NOT NULL,
    desk TEXT NOT NULL,
    is_open BIGINT NOT NULL,
    helpful BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, kind, channel, language, outcome, reason, entry, desk, is_open, helpful)
) WITHOUT ROWID;

-- The salts of the last two days, for the hashes of conversations. Without its salt, a hash cannot be
-- computed again.
CREATE TABLE salts (
    day TEXT NOT NULL PRIMARY KEY,
    salt TEXT NOT NULL
);
