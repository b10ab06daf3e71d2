"""SQL that people write: what it may say, which tables and columns it names, and what it may disclose."""
