"""Declarations as typed data: products, schemas, rules, policies."""
