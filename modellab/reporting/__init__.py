"""Tables to plots, pages and files for people."""

__all__ = ["dashboard", "page", "papers", "plots", "registry", "tables"]
