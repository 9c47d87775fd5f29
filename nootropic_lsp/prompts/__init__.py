"""What is said to models and what is made of their answers: templates, packing, blocks, rules."""
