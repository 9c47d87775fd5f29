"""Rules that look at the shape of one file's syntax tree, quickly enough for every key."""
