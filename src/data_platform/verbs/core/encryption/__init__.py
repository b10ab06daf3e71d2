"""The encrypted columns of outputs: their keys, masks of values, erasures, and missing keys."""
