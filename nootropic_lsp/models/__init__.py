"""Language models: one protocol, a file per wire protocol, and the choice among them."""
