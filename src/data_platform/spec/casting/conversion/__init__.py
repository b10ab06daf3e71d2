"""Lossless conversion of Arrow arrays to a column's type."""
