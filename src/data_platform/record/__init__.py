"""The mesh's memory: every table and every SQL statement of the platform, on SQLite or Postgres.

`store.Record` opens the database and hands out transactions; each other module holds one subject as frozen rows and
functions over a connection. Nothing outside this room writes SQL for the record, and nothing in here knows a verb:

    with record.transaction() as conn:
        row = outputs.lock(conn, "orders", "orders_fact")
        outputs.swap(conn, row.product, row.name, row.metadata_location, location, row.version + 1)
        versions.add(conn, version)
"""
