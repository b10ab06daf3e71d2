"""Tables with an Arrow interface, and the Arrow types that our tables do not support."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.settings.read_options import ReadOptions
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.names import quote_text
from data_platform.tables.intake.library_errors import guard_batches, guard_reading
from data_platform.tables.intake.stream import BATCH_ROWS, FACTS, BatchStream, Intake, require_unused

_UNDERSTOOD = ("arrow.uuid", "arrow.json", "arrow.bool8", "geoarrow.wkb")
_CONVERTED = ("arrow.bool8", "arrow.uuid")
"""The types whose storage is not their value."""
_NAME = b"ARROW:extension:name"


def open_table(table: pa.Table) -> Intake:
    """A table in memory."""
    refuse_foreign_types(table.schema)
    return Intake(table.schema, table.to_reader(max_chunksize=BATCH_ROWS))


def open_stream(data: object) -> Intake:
    """Anything with `__arrow_c_stream__`; closing the intake closes the stream and releases its source."""
    with guard_reading("the table"):
        reader = pa.RecordBatchReader.from_stream(data)
    try:
        refuse_foreign_types(reader.schema)
    except (SchemaMismatch, UnreadableData):
        reader.close()
        raise
    return Intake(reader.schema, guard_batches(reader, "the table"), close=reader.close)


def open_batches(data: BatchStream, contract: TableSchema | None, options: ReadOptions) -> Intake:
    """Batches that this process makes of what a client sends: read as they were handed in there.

    `options` say how the text in them is written; BadInput if they are given for what was a table there. A list without
    a dict has the columns of the contract.
    """
    refuse_foreign_types(data.schema)
    schema, facts = _take_facts(data.schema)
    name = facts.get("file")
    file = quote_text(name, 100) if isinstance(name, str) else None
    untyped = facts.get("untyped") is True
    if untyped and contract is not None and not schema.names:
        return Intake(to_arrow(contract), to_arrow(contract).empty_table().to_batches())
    if not untyped:
        require_unused(options, "a table")
    return Intake(schema, guard_batches(data.batches, "the table"), untyped, options.formats, file=file)


def _take_facts(schema: pa.Schema) -> tuple[pa.Schema, dict[str, Any]]:
    """The schema without what a client says of its rows, and that: whether they were dicts, and of which file."""
    metadata = dict(schema.metadata or {})
    text = metadata.pop(FACTS, None)
    if text is None:
        return schema, {}
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        facts = None
    return schema.with_metadata(metadata or None), facts if isinstance(facts, dict) else {}


def open_batch(data: object) -> Intake:
    """Anything with `__arrow_c_array__`."""
    with guard_reading("the table"):
        batch = pa.record_batch(data)
    refuse_foreign_types(batch.schema)
    return Intake(batch.schema, [batch])


def refuse_foreign_types(schema: pa.Schema) -> None:
    """Raises SchemaMismatch for extension types whose storage is not the value: a period, an interval, a variant."""
    with guard_reading("the table"):
        wrong = [Mismatch(path, "type", _describe_foreign(name)) for path, name in _find_extensions(list(schema), "")]
    if wrong:
        raise SchemaMismatch("the table", wrong)


def _describe_foreign(name: str) -> str:
    return f"is of Arrow's extension type {name}, which no column type supports; convert it to text, numbers or dates"


def _find_extensions(fields: Iterable[pa.Field], prefix: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        path = prefix + field.name
        kind = field.type
        name = (field.metadata or {}).get(_NAME, b"").decode("utf-8", "replace")
        if isinstance(kind, pa.BaseExtensionType):
            name, kind = kind.extension_name, kind.storage_type
        elif name in _CONVERTED:
            yield path, f"{name}, by its metadata alone"
            continue
        if name and name not in _UNDERSTOOD:
            yield path, name
        elif pa.types.is_nested(kind):
            yield from _find_extensions([kind.field(place) for place in range(kind.num_fields)], f"{path}.")
        elif pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
            yield from _find_extensions([pa.field("value", kind.value_type)], f"{path}.")
