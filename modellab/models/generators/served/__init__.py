"""Models behind a server that the entry starts itself, and that ends with its job."""
