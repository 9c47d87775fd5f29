"""The command line: one declaration per verb, one file per verb that answers."""
