"""What keeps callers from hurting each other: pages, conditional requests, rates, and calls at one time."""
