"""The record: every table and every SQL statement of the platform, on SQLite or Postgres.

`store.Record` opens the database and its transactions; each other module has one subject, as frozen rows and functions
over a connection. Only this package contains SQL for the record, and it imports no verb:

    with record.transaction() as conn:
        row = outputs.lock(conn, "orders", "orders_fact")
        outputs.swap(conn, row.product, row.name, row.metadata_location, location, row.version + 1)
        versions.add(conn, version)
"""
