"""Writes one data file, with a checksum of each page and the digest of the whole file.

Its statistics have bounds of a float leaf only if they are exact (see `floats`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import FieldIds, TableSchema
from data_platform.tables.staging.dictionaries import open_writer
from data_platform.tables.staging.encodings import make_writer_options
from data_platform.tables.staging.floats import FloatFacts, list_float_leaves
from data_platform.tables.staging.hashed_file import HashedFile
from data_platform.tables.staging.leaves import list_leaf_paths
from data_platform.tables.storage.port import NewFile


class DataFileWriter:
    """A Parquet file to which row groups are appended; it has no bounds of the leaves in `inexact`.

    A file that is not `lasting` is read by this process only: it needs less compression.
    """

    def __init__(
        self,
        file: NewFile,
        schema: TableSchema,
        ids: FieldIds,
        first: pa.Table,
        inexact: Collection[str],
        encryption: Any,
        *,
        lasting: bool,
    ) -> None:
        leaves = [leaf for column in schema for leaf in list_leaf_paths(column)]
        self.facts: dict[str, FloatFacts] = {}
        self.nulls: Counter[str] = Counter()
        self._bounded = frozenset(list_float_leaves(schema)) - frozenset(inexact)
        self._footers: list[pq.FileMetaData] = []
        self._sink = HashedFile(file)
        self._writer = open_writer(
            self._sink,
            to_arrow(schema, ids),
            first,
            compression="zstd" if lasting else "lz4",
            encryption_properties=encryption,
            metadata_collector=self._footers,
            write_page_checksum=lasting,
            write_statistics=[leaf for leaf in leaves if leaf not in inexact] if inexact else True,
            **make_writer_options(first, leaves),
        )

    @property
    def footer(self) -> pq.FileMetaData:
        """The footer of the ended file."""
        return self._footers[0]

    @property
    def bytes(self) -> int:
        """The size of the ended file."""
        return self._sink.tell()

    @property
    def digest(self) -> str:
        """The digest of the ended file."""
        return self._sink.digest

    def can_take(self, facts: Mapping[str, FloatFacts]) -> bool:
        """Whether all bounds in the file stay exact with a row group of such floats."""
        return all(fact.exact or leaf not in self._bounded for leaf, fact in facts.items())

    def write(self, group: pa.Table, facts: Mapping[str, FloatFacts]) -> None:
        """Appends the rows as one row group."""
        self._writer.write_table(group, row_group_size=max(group.num_rows, 1))
        for name, column in zip(group.schema.names, group.columns, strict=True):
            self.nulls[name] += column.null_count
        for leaf, fact in facts.items():
            self.facts[leaf] = self.facts[leaf] + fact if leaf in self.facts else fact

    def end(self) -> None:
        """Writes the footer, and waits until the file is durable."""
        if not self._sink.closed:
            self._writer.close()
            self._sink.close()

    def abandon(self) -> None:
        """Removes the file."""
        self._writer.is_open = False  # ending the file would write more, and a full disk would refuse
        self._sink.abandon()
