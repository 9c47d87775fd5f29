"""Changes of a program's text that leave what it does as it is."""
