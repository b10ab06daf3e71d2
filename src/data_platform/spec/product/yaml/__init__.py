"""Reads the text of product.yaml: its words, what each may be, and what to write instead."""

from data_platform.spec.product.yaml.declaration import Claims, ColumnClaim, Reading
from data_platform.spec.product.yaml.product import read_product

__all__ = ["Claims", "ColumnClaim", "Reading", "read_product"]
