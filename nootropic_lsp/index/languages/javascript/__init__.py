"""JavaScript and TypeScript: one family of files that see each other."""
