"""nootropic: a language server that knows the code."""

__version__ = "0.1.0"
