"""Schemas of tables and streams: types, constraints, and the files that declare them."""
