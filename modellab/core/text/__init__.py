"""Texts of any language: their equal forms, languages, words, and how long they are."""
