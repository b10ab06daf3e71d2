"""Tables: files and Iceberg metadata. This package uses no database; it returns a `PointerSwap` for the record."""
