"""The door for agents: questions about one workspace over the Model Context Protocol."""
