"""CSV, read as it is written."""
