"""Keys: the keyring, and the encryption of Parquet files."""
