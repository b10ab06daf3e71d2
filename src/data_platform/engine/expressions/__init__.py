"""The language of expressions: Columns, windows, PySpark's functions, Spark's names of types."""
