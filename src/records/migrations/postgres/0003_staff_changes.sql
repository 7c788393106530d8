-- The draft of each member of the staff: the files that it changes, as JSON.
CREATE TABLE staff_drafts (
    member TEXT NOT NULL PRIMARY KEY,
    changed BIGINT NOT NULL,
    files TEXT NOT NULL,
    approved_by TEXT
);

-- Every published change: who, when, why, and the files before and after, as JSON.
CREATE TABLE staff_changes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    member TEXT NOT NULL,
    approved_by TEXT,
    reason TEXT NOT NULL,
    files TEXT NOT NULL,
    undoes BIGINT
);
