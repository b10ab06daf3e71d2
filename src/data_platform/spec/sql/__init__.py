"""SQL of users: which statements are permitted, which tables and columns it names, and what it may disclose."""
