"""Finds what a request names: products, outputs, versions, inputs, and the contract in effect."""
