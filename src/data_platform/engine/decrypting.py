"""Encrypted columns, read through a pyarrow dataset that holds their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from data_platform.engine.source import Source
from data_platform.errors import FrameError
from data_platform.keys.unsealer import Unsealer

_HINT = "leave them out, or ask for them masked: mask=True, on the command line --mask"


class _Decrypting(ds.Dataset):  # type: ignore[misc]  # pyarrow ships no types
    """A source as a dataset that reads one row group ahead: pyarrow's own read-ahead holds half a gigabyte.

    Each scan has a dataset of its own: see `Unsealer.dataset_format`.
    """

    def __init__(self, source: Source, unsealer: Unsealer) -> None:
        self._source = source
        self._format = unsealer.dataset_format()

    @property
    def schema(self) -> pa.Schema:
        """The columns."""
        return self._source.schema

    def scanner(self, **wanted: Any) -> ds.Scanner:
        """DuckDB asks here for the columns and the filter of one scan."""
        own = ds.dataset(list(self._source.files), schema=self._source.schema, format=self._format)
        return own.scanner(**wanted, batch_readahead=0, fragment_readahead=1)


def decrypting(name: str, source: Source, sealed: Sequence[str]) -> ds.Dataset:
    """The source as a dataset that can read the `sealed` columns.

    FrameError where the key that sealed them is gone; `name` is what it calls the source.
    """
    unsealer = Unsealer(source.keys)
    if not _opens(source, unsealer, sealed):
        erased = [column for column in sealed if not _opens(source, unsealer, [column])]
        said = f"{name}: no key to read the encrypted {', '.join(erased or sealed)}"
        if source.missing_keys is None:
            raise FrameError(f"{said}: the data is erased", hint=_HINT)
        raise FrameError(f"{said}: {source.missing_keys.reason}", hint=f"{source.missing_keys.remedy}; or {_HINT}")
    return _Decrypting(source, unsealer)


def _opens(source: Source, unsealer: Unsealer, sealed: Sequence[str]) -> bool:
    try:
        for path in source.files:
            _remember_keys(path, unsealer, sealed)
    except KeyError:
        return False
    return True


def _remember_keys(path: str, unsealer: Unsealer, sealed: Sequence[str]) -> None:
    """One value read in this very thread: a key that fails in a dataset's threads hangs or ends the process."""
    with pq.ParquetFile(path, decryption_properties=unsealer.properties(), page_checksum_verification=True) as file:
        if file.num_row_groups:
            next(file.iter_batches(1, row_groups=[0], columns=list(sealed)), None)
