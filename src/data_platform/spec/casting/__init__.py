"""Strict conversion of data into the types of a contract."""
