"""Paths of data files in DuckDB's SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence


def escape_pattern(path: str) -> str:
    """A pattern that matches this path only: DuckDB reads * ? [ in paths as wildcards."""
    return re.sub(r"[\[*?]", lambda match: f"[{match[0]}]", path)


def drop_bounds(expression: str) -> str:
    """The column's values, without use of the bounds that the files record for it.

    Neither statistics nor filters pass DuckDB's TRY. Where the bounds would not help, it is as fast as the column.
    """
    return f"TRY({expression})"


def build_parquet_scan(paths: Sequence[str]) -> str:
    """The table function that reads these very files."""
    files = ", ".join("'" + escape_pattern(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"
