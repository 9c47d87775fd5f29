"""The token model: what is likely to be written next, from the workspace's own code."""
