"""What a reader sees of a version: rows are filtered, and values masked, before a query of the reader gets them."""
