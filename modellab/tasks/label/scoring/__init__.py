"""How well labels and tags are chosen."""
