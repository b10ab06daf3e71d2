"""Verbs of the glossary: what the words of the mesh mean, and which columns hold it."""
