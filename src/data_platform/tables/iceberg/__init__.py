"""Versions as Iceberg metadata: writing, reading, checking, and rebuilding."""
