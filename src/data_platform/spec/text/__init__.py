"""Text files that people write, parsed as hostile input: YAML, JSON, names, and the report of problems."""
