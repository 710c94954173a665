"""Tables to plots, pages and files for people."""
