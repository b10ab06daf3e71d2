"""Commands that find and describe products."""
