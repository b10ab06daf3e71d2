"""Events, and the outbox that delivers them."""
