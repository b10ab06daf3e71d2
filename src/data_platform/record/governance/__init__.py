"""Policies, exceptions from them, and judgements."""
