"""Versions as Iceberg metadata: written, read, checked, and made anew."""
