"""The files of one version of one output, which the engine may read under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from data_platform.engine.digests import PublishedFile
from data_platform.keys.ring import MissingKeys


@dataclass(frozen=True)
class ParquetSource:
    """Parquet files that all have exactly `schema`; only the numbers in columns of `widened` are of a narrower type.

    `encrypted` columns can be read only with `keys` (key id → 32-byte master key), which never show in a repr.
    `digests` are the recorded digests of the files. `exact_bounds`: the files' writer recorded only exact bounds of
    floats; others leave NaN out, or record the wrong zero. No error quotes a value where `personal` columns are read.
    `missing_keys` is the reason why keys are missing although the data was not erased.
    """

    files: tuple[str, ...]
    schema: pa.Schema
    encrypted: frozenset[str] = frozenset()
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    rows: int | None = None
    widened: frozenset[str] = frozenset()
    digests: tuple[PublishedFile, ...] = ()
    exact_bounds: bool = False
    personal: frozenset[str] = frozenset()
    missing_keys: MissingKeys | None = None

    @property
    def unbounded(self) -> tuple[str, ...]:
        """The columns whose bounds in the files are not used: those with floats, unless the bounds are exact."""
        return () if self.exact_bounds else tuple(field.name for field in self.schema if _has_float(field.type))


def _has_float(kind: pa.DataType) -> bool:
    inner = (kind.field(at).type for at in range(kind.num_fields))
    return bool(pa.types.is_floating(kind)) or any(map(_has_float, inner))
