"""What people write in expressions: Columns, windows, PySpark's functions, Spark's words for types."""
