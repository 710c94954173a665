"""Questions that are answered by yes or no: an example of a package that adds to Model Lab."""
