"""JSON: its queries, and how its names are found."""
