"""Reads encrypted columns through a pyarrow dataset that has their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from data_platform.engine.source import ParquetSource
from data_platform.errors import FrameError
from data_platform.keys.unsealer import Unsealer

_HINT = "leave them out, or ask for them masked: mask=True, on the command line --mask"


class _DecryptingDataset(ds.Dataset):  # type: ignore[misc]  # pyarrow ships no types
    """A source as a dataset that reads one row group ahead: pyarrow's own read-ahead holds half a gigabyte.

    Each scan has a dataset of its own: see `Unsealer.dataset_format`.
    """

    def __init__(self, source: ParquetSource, format: ds.ParquetFileFormat) -> None:
        self._source = source
        self._format = format

    @property
    def schema(self) -> pa.Schema:
        """The columns."""
        return self._source.schema

    def scanner(self, **options: Any) -> ds.Scanner:
        """A scanner of the columns and the filter of one DuckDB scan."""
        own = ds.dataset(list(self._source.files), schema=self._source.schema, format=self._format)
        return own.scanner(**options, batch_readahead=0, fragment_readahead=1)


def open_decrypted(name: str, source: ParquetSource, sealed: Sequence[str]) -> ds.Dataset:
    """The source as a dataset that can read the `sealed` columns; raises FrameError as `open_format` does."""
    return _DecryptingDataset(source, open_format(name, source, sealed))


def open_format(name: str, source: ParquetSource, sealed: Sequence[str]) -> ds.ParquetFileFormat:
    """The format to read the source with, including its `sealed` columns.

    Raises FrameError if their key is missing; `name` names the source in the message.
    """
    unsealer = Unsealer(source.keys)
    if not _can_open(source, unsealer, sealed):
        raise _closed_error(name, source, [column for column in sealed if not _can_open(source, unsealer, [column])])
    return unsealer.build_dataset_format()


def _closed_error(name: str, source: ParquetSource, closed: Sequence[str]) -> FrameError:
    missing = [source.explain_missing(column) for column in closed]
    reasons = "; ".join(dict.fromkeys(why.reason for why in missing))
    remedies = dict.fromkeys(why.remedy for why in missing if why.remedy)
    message = f"{name}: no key to read the encrypted {', '.join(closed)}: {reasons}"
    return FrameError(message, hint="; or ".join([*remedies, _HINT]))


def _can_open(source: ParquetSource, unsealer: Unsealer, sealed: Sequence[str]) -> bool:
    try:
        for path in source.files:
            _load_keys(path, unsealer, sealed)
    except KeyError:
        return False
    return True


def _load_keys(path: str, unsealer: Unsealer, sealed: Sequence[str]) -> None:
    """Reads one value in this thread: a key that fails in a dataset's threads hangs or ends the process."""
    with pq.ParquetFile(
        path, decryption_properties=unsealer.build_properties(), page_checksum_verification=True
    ) as file:
        if file.num_row_groups:
            next(file.iter_batches(1, row_groups=[0], columns=list(sealed)), None)
