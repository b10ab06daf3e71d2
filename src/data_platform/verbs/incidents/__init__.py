"""Incidents: opened and resolved by publishes, owners and people."""
