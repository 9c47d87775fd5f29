"""The door for programs: HTTP on this machine, opened by the worker of a workspace."""
