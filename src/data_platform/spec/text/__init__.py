"""Text files, parsed as hostile input: YAML, JSON, names, and the report of problems."""
