"""Text in any language: normalisation, language detection, words, sentences, escaping."""
