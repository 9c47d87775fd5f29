"""What a language model is asked to do for the user: to answer, to explain, and to propose edits."""
