"""Commands of requests for access, decisions about them, and grants."""
