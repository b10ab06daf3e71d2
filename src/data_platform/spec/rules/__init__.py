"""Quality rules as typed data."""
