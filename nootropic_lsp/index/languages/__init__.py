"""A folder per language, and the registry that names them."""
