-- The symbol graph of one workspace folder. Offsets are code points. The indexes are made by
-- `graph.make_indexes`, after the first files are in: that is three times as fast.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One row per indexed file. `path` is relative to the folder, with "/" everywhere.
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    digest BLOB NOT NULL,
    is_ascii INTEGER NOT NULL,
    secrets INTEGER NOT NULL, -- literals that look like secrets
    resolved INTEGER NOT NULL DEFAULT 0, -- when its edges were written, 0 if they are not
    lines BLOB NOT NULL,      -- offsets at which lines start, 4 bytes each, native order
    facts BLOB NOT NULL
);

-- A symbol is a name in a scope of a file; its id is a hash of these three.
CREATE TABLE symbols (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    start INTEGER NOT NULL,
    full_start INTEGER NOT NULL,
    full_end INTEGER NOT NULL,
    container TEXT NOT NULL
);

-- Where the files of this folder use a symbol, of this folder or of any other place.
-- `uses` holds pairs of 8-byte integers: start << 24 | length << 8 | role, and the caller's id.
CREATE TABLE edges (
    target INTEGER NOT NULL,
    file INTEGER NOT NULL,
    uses BLOB NOT NULL,
    PRIMARY KEY (target, file)
) WITHOUT ROWID;

-- What the edges of a file were derived from: the other files that were looked into (hashes of
-- their paths, 4 bytes each, sorted; 0 is any file) and a Bloom filter of the names looked up.
CREATE TABLE sources (
    file INTEGER PRIMARY KEY,
    paths BLOB NOT NULL,
    names BLOB NOT NULL
);

-- The names written in a file and those that its imports rename: see `index/mentions.py`.
CREATE TABLE mentions (
    file INTEGER PRIMARY KEY,
    names BLOB NOT NULL,
    renamed BLOB NOT NULL
);

-- Files that are not worth indexing, and (`is_fault`) files that hung or killed the process
-- that read them. Both are looked at again when they change.
CREATE TABLE left_out (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    reason TEXT NOT NULL,
    is_fault INTEGER NOT NULL
) WITHOUT ROWID;
