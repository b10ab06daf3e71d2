"""Spark's operators and functions: the type each gives, and the DuckDB SQL that gives Spark's values."""
