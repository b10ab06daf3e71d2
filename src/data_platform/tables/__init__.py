"""Tables: files and Iceberg metadata. This room knows no database; it hands the record a `PointerSwap`."""
