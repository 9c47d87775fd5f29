"""The user's options, read from files, the editor and the environment."""
