"""Simplifying JavaScript and TypeScript, with the trees of tree-sitter."""
