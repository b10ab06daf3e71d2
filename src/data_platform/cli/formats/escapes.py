"""Escapes and counts control characters in rows for a pipe, which may end on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.cli.formats.rows import Rows

_RE2 = (
    r"[\x{0}-\x{8}\x{b}\x{c}\x{e}-\x{1f}\x{7f}-\x{9f}"
    r"\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]"
)
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters except tabs and line ends, and characters that break lines or reverse text; as `_RE2`."""


class EscapedRows:
    """Rows whose control characters are replaced by escapes such as \\u001b; `escaped` counts the changed values."""

    def __init__(self, rows: Rows) -> None:
        self.escaped = 0
        self._rows = rows

    def to_batches(self) -> pa.RecordBatchReader:
        """Returns the rows as a stream."""
        reader = self._rows.to_batches()
        schema = pa.schema([field.with_name(self._escape_text(field.name)) for field in reader.schema])
        return pa.RecordBatchReader.from_batches(schema, self._escape_batches(reader, schema))

    def to_arrow(self) -> pa.Table:
        """Returns the rows as a table."""
        return self.to_batches().read_all()

    def _escape_batches(self, reader: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield pa.record_batch([self._escape_column(column) for column in batch.columns], schema=schema)

    def _escape_column(self, column: pa.Array) -> pa.Array:
        text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        if not text or not pc.any(pc.match_substring_regex(column, _RE2)).as_py():
            return column
        return pa.array([value and self._escape_text(value) for value in column.to_pylist()], column.type)

    def _escape_text(self, text: str) -> str:
        escaped = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
        self.escaped += escaped != text
        return escaped
