"""Keys: who holds them, and how Parquet files are sealed with them."""
