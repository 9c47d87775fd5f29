"""What is allowed: trusted workspaces, ignored files, secrets."""
