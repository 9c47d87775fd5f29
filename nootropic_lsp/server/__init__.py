"""The language-server door: it converts, asks one feature, converts back."""
