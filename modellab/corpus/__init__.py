"""From files to documents, and from documents to chunks.

`reading` reads a corpus and writes its chunks; `readers` has the functions that read files.
"""

__all__ = ["chunking", "options", "readers", "reading"]
