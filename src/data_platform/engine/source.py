"""The files of one version of one output, which the engine may read under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from data_platform.access.view import WHOLE_TABLE, TableView
from data_platform.engine.digests import PublishedFile
from data_platform.errors import NotFound
from data_platform.keys.states import MissingKeys


def explain_nothing(column: str) -> MissingKeys:
    """The reason why a column cannot be decrypted, where nothing else is known."""
    return MissingKeys("its key is missing")


def refuse_mask_key() -> bytes:
    """Refuses the key of the mesh, where a source was given none."""
    raise NotFound("there is no key to compute a hash with")


@dataclass(frozen=True)
class ParquetSource:
    """Parquet files that all have exactly `schema`; only the numbers in columns of `widened` are of a narrower type.

    `encrypted` columns can be read only with `keys` (key id → 32-byte master key), which never show in a repr.
    `digests` are the recorded digests of the files. `exact_bounds`: the files' writer recorded only exact bounds of
    floats; others leave NaN out, or record the wrong zero. No error quotes a value where `personal` columns are read.
    The keys are fetched at each use, so that an erased key ends the next read; `explain_missing` says why a column that
    they do not decrypt cannot be read.
    Queries see the rows and values of `view` alone, and `fetch_mask_key` gives the key that its hashes are made with.
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
    explain_missing: Callable[[str], MissingKeys] = field(default=explain_nothing, repr=False, compare=False)
    view: TableView = WHOLE_TABLE
    fetch_mask_key: Callable[[], bytes] = field(default=refuse_mask_key, repr=False, compare=False)

    @property
    def unbounded(self) -> tuple[str, ...]:
        """The columns whose bounds are not used, nor filters in their scan: those with floats, unless bounds are exact.

        Of rows that are computed, all are: DuckDB gets them first, and then filters them.
        """
        if self.view.is_computed:
            return tuple(self.schema.names)
        return () if self.exact_bounds else tuple(field.name for field in self.schema if _has_float(field.type))


@dataclass(frozen=True)
class RemoteSource:
    """A version that a server has, which computes frames over it and sends the rows.

    `stream_part` streams the rows of a compiled frame over this source alone, in batches of at most so many rows.
    `version` is what the server calls it. No error quotes a value where `personal` columns are read.
    The server shows its rows and values through a view of its own; `view` has those of its masks that need no value.
    """

    version: Any
    schema: pa.Schema
    stream_part: Callable[[Any, int], pa.RecordBatchReader] = field(repr=False, compare=False)
    personal: frozenset[str] = frozenset()
    view: TableView = WHOLE_TABLE


def _has_float(kind: pa.DataType) -> bool:
    inner = (kind.field(at).type for at in range(kind.num_fields))
    return bool(pa.types.is_floating(kind)) or any(map(_has_float, inner))
