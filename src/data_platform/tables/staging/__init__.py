"""Staged files: Parquet, written and encrypted where no reader looks, with digests and statistics."""
