"""Encrypted columns for DuckDB, decrypted by a pyarrow dataset, which is slower and used only for them."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from data_platform.access.view import WHOLE_TABLE
from data_platform.engine.views.messages import restore_view
from data_platform.engine.views.visible_rows import FileRows, VisibleRows
from data_platform.errors import DataPlatformError
from data_platform.keys.unsealer import Unsealer


@dataclass(frozen=True, slots=True)
class OpenedTable:
    """What DuckDB scans for a table of an open request; `sealed` is there if it has encrypted columns to read.

    `is_only_way`: the files themselves must not be read in its place.
    """

    relation: ds.Dataset | pa.Table
    is_only_way: bool
    sealed: SealedDataset | None = None


def open_table(table: Mapping[str, Any]) -> OpenedTable:
    """Opens a table: an empty one if it has no file, and the rows and values of its view if it has one."""
    if not table["files"]:
        return OpenedTable(_decode_schema(table).empty_table(), True)
    sealed = SealedDataset(table) if table["sealed"] else None
    if table["view"] is None:
        return OpenedTable(sealed, False, sealed)
    key = None if table["mask_key"] is None else b64decode(table["mask_key"])
    files = FileRows(table["files"], _decode_schema(table), sealed.format if sealed else _CHECKED)
    return OpenedTable(VisibleRows(files, restore_view(table["view"]), key), True, sealed)


_CHECKED = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True)
)


def make_empty_table(table: Mapping[str, Any]) -> pa.Table:
    """The table's columns without a row."""
    return _decode_schema(table).empty_table()


def _decode_schema(table: Mapping[str, Any]) -> pa.Schema:
    return pa.ipc.read_schema(pa.py_buffer(b64decode(table["schema"])))


def _names_column(scan: str, column: str) -> bool:
    """Whether the text of a scan may name the column, and not only one whose name holds it."""
    quoted = column.replace('"', '""')
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", scan) for name in {column, quoted})


class SealedDataset(ds.Dataset):  # type: ignore[misc]  # pyarrow ships no types
    """A table of an open request, decrypted one row group ahead.

    pyarrow's own read-ahead takes half a gigabyte for one column of ten million texts, and saves no time. Each scan
    has a dataset of its own: see `Unsealer.dataset_format`.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.sealed: tuple[str, ...] = tuple(table["sealed"])
        self._name = ".".join(table["name"])
        self._why_missing: Mapping[str, str] = table["missing_keys"]
        self._files: list[str] = table["files"]
        self._unsealer = Unsealer({name: b64decode(key) for name, key in table["keys"].items()})
        # Columns in clear come first, because `count(*)` reads the first.
        fields = sorted(_decode_schema(table), key=lambda field: field.name in self.sealed)
        self._schema = pa.schema(field for field in fields if field.name not in table["constants"])
        self.format: ds.ParquetFileFormat = self._unsealer.build_dataset_format()
        self._view = WHOLE_TABLE if table["view"] is None else restore_view(table["view"])
        self._problems: dict[tuple[str, ...], str | None] = {}

    @property
    def schema(self) -> pa.Schema:
        """The columns, those in clear first."""
        return self._schema

    def scanner(self, **options: Any) -> ds.Scanner:
        """A scanner of the columns and the filter of one DuckDB scan."""
        own = ds.dataset(self._files, schema=self._schema, format=self.format)
        return own.scanner(**options, batch_readahead=1, fragment_readahead=2)

    def list_read(self, scans: Sequence[str]) -> tuple[str, ...]:
        """The encrypted columns that the scans of a plan, or conditions of the view, read."""
        scanned = {name for name in self._schema.names if any(_names_column(scan, name) for scan in scans)}
        needed = scanned | self._view.list_tested_columns(scanned)
        return tuple(name for name in self.sealed if name in needed)

    def find_problem(self, columns: Sequence[str]) -> str | None:
        """Why the keys cannot decrypt the columns, or None; checked first: a wrong key in a scan ends the process."""
        if tuple(columns) not in self._problems:
            self._problems[tuple(columns)] = self._examine(columns)
        return self._problems[tuple(columns)]

    def _examine(self, columns: Sequence[str]) -> str | None:
        what = f"{self._name}: the encrypted {{}} cannot be read: "
        try:
            if self._can_open(columns):
                return None
            closed = [column for column in columns if not self._can_open([column])]
        except (DataPlatformError, pa.ArrowException, OSError) as error:
            return f"{what.format(' and '.join(columns))}{error}"
        reasons = dict.fromkeys(self._why_missing[column] for column in closed)
        return f"{what.format(' and '.join(closed))}{'; '.join(reasons)}"

    def _can_open(self, columns: Sequence[str]) -> bool:
        try:
            for path in self._files:
                self._try_file(path, columns)
        except KeyError:
            return False
        return True

    def _try_file(self, path: str, columns: Sequence[str]) -> None:
        with pq.ParquetFile(
            path, decryption_properties=self._unsealer.build_properties(), page_checksum_verification=True
        ) as file:
            if file.num_row_groups:
                next(file.iter_batches(1, row_groups=[0], columns=list(columns), use_threads=False), None)
