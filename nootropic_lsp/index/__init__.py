"""From source text to the resolved symbol graph."""
