"""Acts, one module each; `rules.casework.catalogue` finds them by walking this folder."""
