"""Paths of data files in DuckDB's SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence


def literal_pattern(path: str) -> str:
    """The path as a pattern that matches it alone: DuckDB reads * ? [ in paths as wildcards."""
    return re.sub(r"[\[*?]", lambda found: f"[{found[0]}]", path)


def without_bounds(expression: str) -> str:
    """The column's values as they are, though nothing is concluded from the bounds that the files tell of it.

    Neither statistics nor filters pass DuckDB's TRY. It is as fast as the column, where the bounds would not help.
    """
    return f"TRY({expression})"


def parquet_scan(paths: Sequence[str]) -> str:
    """The table function that reads these very files."""
    files = ", ".join("'" + literal_pattern(path).replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{files}], hive_partitioning = false)"
