"""The task `wattbot`: a value with its unit and the documents that prove it."""
