"""Where vectors are kept: one protocol, a file per store."""
