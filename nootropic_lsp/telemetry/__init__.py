"""What calls of models and other long work took: spans, and how they are told to others."""
