"""Compatibility of JSON Schemas: whether a reader of one takes what is written under another."""
