"""Questions that real users asked: the chunks they find, their topics, and how they are put."""
