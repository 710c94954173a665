"""From files to documents, and from documents to chunks.

`build` writes the chunks of a corpus; `readers` has one module per file format.
"""

__all__ = ["build", "chunking", "options", "readers"]
