"""How near a free text comes to a reference text: words, sequences, letters, meaning."""
