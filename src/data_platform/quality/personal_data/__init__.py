"""Recognises values that look like personal data, in samples of text."""
