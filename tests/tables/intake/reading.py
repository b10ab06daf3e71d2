"""Reading a file as a publish and a source do, for the tests of the readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import from_arrow
from data_platform.spec.schema.types import DataType, SchemaColumn, TableSchema
from data_platform.tables.intake import cast_arguments, open_data


def contract(**kinds: DataType) -> TableSchema:
    return TableSchema(tuple(SchemaColumn(name, kind) for name, kind in kinds.items()))


def publish_rows(path: Path, schema: TableSchema | None, options: ReadOptions = STANDARD) -> list[dict[str, Any]]:
    """The rows as a publish takes them, by a contract or without one."""
    intake = open_data(path, schema, options)
    caster = Caster(schema or from_arrow(intake.schema), intake.schema, "p.t", **cast_arguments(intake))
    batches = [caster.cast(batch) for batch in intake.batches]
    for batch in batches:
        batch.validate(full=True)
    return pa.Table.from_batches(batches, caster.target).to_pylist()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
