"""Lineage of versions and columns."""
