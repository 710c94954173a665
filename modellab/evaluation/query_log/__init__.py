"""What real users ask: which chunks it uses, what it is about, how it is asked."""
