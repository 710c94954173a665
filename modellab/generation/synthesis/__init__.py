"""Synthetic questions: made from chunks by one model, checked by others, with receipts."""
