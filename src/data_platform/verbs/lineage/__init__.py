"""Lineage of outputs and columns, and the impact of a change."""
