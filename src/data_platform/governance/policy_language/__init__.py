"""The language of policies: a grammar, what its names mean, and the way to Python code."""
