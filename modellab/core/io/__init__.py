"""Reading files of other programs, and writing files atomically."""
