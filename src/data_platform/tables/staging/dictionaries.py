"""Encodes text of few values as dictionaries while the rows pass: the writer and the counter then need no text again.

https://arrow.apache.org/docs/format/Columnar.html#dictionary-encoded-layout. The files are those of plain text.
"""

from __future__ import annotations

import base64
from collections.abc import Collection

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.tables.staging.encodings import SAMPLE, is_varied


class TextEncoder:
    """Encodes those of `columns` whose values repeat in the first row group, in it and in all later ones."""

    def __init__(self, columns: Collection[str]) -> None:
        self._columns = columns
        self._repeated: tuple[str, ...] | None = None

    def encode(self, group: pa.Table) -> pa.Table:
        """The rows, with one dictionary for each encoded column."""
        if self._repeated is None:
            self._repeated = tuple(name for name in self._columns if _is_repeated(group[name]))
        for name in self._repeated:
            place = group.schema.get_field_index(name)
            column = group[name].dictionary_encode()
            group = group.set_column(place, group.schema.field(place).with_type(column.type), column)
        return group


def get_values(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """The values of a column of a row group; each value once, if the column is encoded."""
    return column.chunk(0).dictionary if pa.types.is_dictionary(column.type) else column


def open_writer(sink: object, schema: pa.Schema, group: pa.Table, **options: object) -> pq.ParquetWriter:
    """A writer of files of `schema` that takes row groups like `group`, in which columns may be dictionaries.

    The Arrow schema that the file keeps is `schema`: readers get text, not dictionaries.
    """
    taken = schema
    for place, field in enumerate(schema):
        if pa.types.is_dictionary(kind := group.schema.field(place).type):
            taken = taken.set(place, field.with_type(kind))
    writer = pq.ParquetWriter(sink, taken, store_schema=False, **options)
    writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(schema.serialize())})
    return writer


def _is_repeated(column: pa.ChunkedArray) -> bool:
    return pa.types.is_string(column.type) and len(column) >= SAMPLE and not is_varied(column.slice(0, SAMPLE))
