"""What becomes of suggestions on this machine, counted, and what follows for the next ones."""
