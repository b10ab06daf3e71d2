"""Idempotency keys: a request that is sent again with its key is carried out once, and gets the first answer."""
