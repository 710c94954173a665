"""Model Lab: compare language models on your own documents and questions, reproducibly."""

__version__ = "0.1.0"
