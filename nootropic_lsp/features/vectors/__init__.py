"""The vectors of a workspace, kept by the one process that owns them."""
