"""Letters as PDF. Belongs here: the one door to the typesetter; what a letter says is decided elsewhere."""
