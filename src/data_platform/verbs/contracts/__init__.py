"""Contracts: registered, compared, released to a higher environment, and followed by subscribers."""
