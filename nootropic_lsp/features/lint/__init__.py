"""`nootropic lint`: which files, what is known of them already, and what is new."""
