"""Plain values: places in text, documents, symbols, patches, errors."""
