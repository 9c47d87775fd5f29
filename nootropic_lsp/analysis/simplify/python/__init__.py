"""Simplifying Python, with the syntax tree of the standard library."""
