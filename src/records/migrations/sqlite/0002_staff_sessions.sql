-- The sessions of the staff desk. Only the browser has the token; here is its digest.
CREATE TABLE staff_sessions (
    token TEXT NOT NULL PRIMARY KEY,
    member TEXT NOT NULL,
    csrf TEXT NOT NULL,
    started BIGINT NOT NULL,
    seen BIGINT NOT NULL
);

-- Every action at the staff desk: who did what, and when.
CREATE TABLE staff_actions (
    at BIGINT NOT NULL,
    nonce BIGINT NOT NULL,
    member TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (at, nonce)
);
