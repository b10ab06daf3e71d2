"""Bodies of requests: JSON, YAML, and data as a stream."""
