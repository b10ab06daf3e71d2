"""Staged files: Parquet that is written and encrypted before it is visible, with digests and statistics."""
