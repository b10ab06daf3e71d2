"""What the engine may read under a name: the files of one version of one output, or a table in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class Source:
    """Parquet files that all have exactly `schema`; only the numbers in columns of `widened` are of a narrower type.

    `encrypted` columns can be read only with `keys` (key id → 32-byte master key), which never show in a repr.
    """

    files: tuple[str, ...]
    schema: pa.Schema
    encrypted: frozenset[str] = frozenset()
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    rows: int | None = None
    widened: frozenset[str] = frozenset()
