"""The forms in which `nootropic lint` can say what it found, one per file."""
