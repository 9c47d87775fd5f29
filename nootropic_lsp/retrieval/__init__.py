"""Finding passages of the workspace that belong to a question."""
