"""Everything on disk that is ours: SQL lives here, and functions that return plain values."""
