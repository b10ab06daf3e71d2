"""Output: terminals, plain text, JSON, and error messages."""
