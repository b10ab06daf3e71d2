"""Rows as bodies of responses: Arrow, Parquet, CSV and JSON lines."""
