"""Reading and resolving by tree-sitter queries, shared by most languages."""
