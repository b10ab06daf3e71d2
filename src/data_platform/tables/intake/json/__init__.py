"""JSON and JSON lines, read as they are written."""
