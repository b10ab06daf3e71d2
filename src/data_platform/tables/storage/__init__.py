"""Where the files of tables are: a port, and one module for each kind of storage behind it."""
