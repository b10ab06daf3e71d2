"""Requests for access, decisions about them, and grants."""
