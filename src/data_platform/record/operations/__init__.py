"""Events, the outbox, leases, incidents and usage."""
