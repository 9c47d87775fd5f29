"""Python: from its syntax tree to facts, and from facts to meaning."""
