"""What a user can ask for, a file each: plain functions of a snapshot that return core values."""
