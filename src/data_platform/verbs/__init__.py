"""Verbs: each a typed request and the story that answers it, in one file."""
