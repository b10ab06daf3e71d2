"""The names in an embedded record, for shell completion: fast, read-only, and empty if anything fails.

It does not use SQLAlchemy, which takes too long to load for completion.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

MOST = 200
_PRODUCTS = "SELECT name FROM products WHERE name LIKE ? ESCAPE '!' ORDER BY name LIMIT ?"
_OUTPUTS = """
    SELECT DISTINCT coalesce(output, name) FROM outputs
    WHERE product = ? AND coalesce(output, name) LIKE ? ESCAPE '!' AND NOT retired ORDER BY 1 LIMIT ?
"""


def list_product_names(record_file: Path, beginning: str) -> list[str]:
    """The products whose names start with `beginning`."""
    return _query(record_file, _PRODUCTS, _make_pattern(beginning), MOST)


def list_output_names(record_file: Path, product: str, beginning: str) -> list[str]:
    """The product's outputs whose names start with `beginning`."""
    return _query(record_file, _OUTPUTS, product, _make_pattern(beginning), MOST)


def _make_pattern(beginning: str) -> str:
    return "".join(f"!{c}" if c in "!%_" else c for c in beginning) + "%"


def _query(record_file: Path, sql: str, *values: str | int) -> list[str]:
    try:
        uri = f"{record_file.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=0.2)) as connection:
            return [name for (name,) in connection.execute(sql, values)]
    except (sqlite3.Error, OSError, ValueError):
        return []
