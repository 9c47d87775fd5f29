"""Recipes: rewrites of source text, described in YAML, on tree-sitter's trees."""
