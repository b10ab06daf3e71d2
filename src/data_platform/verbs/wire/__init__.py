"""The JSON form of every request and every answer, generated from its type."""
