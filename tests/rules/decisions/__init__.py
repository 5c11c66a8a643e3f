"""A corpus of decisions: one TOML file each, named after the clause that it serves and a sentence."""
