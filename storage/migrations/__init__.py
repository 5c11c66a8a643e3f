"""How the tables came to be, one change a file, never edited once released."""
