"""Casework: the use cases that the command line, the API and later the console stand over."""
