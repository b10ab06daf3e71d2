"""The database below the record: connections, types, tables, and schema revisions."""
