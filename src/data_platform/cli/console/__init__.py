"""Output for people: terminals, plain text, JSON, and error messages."""
