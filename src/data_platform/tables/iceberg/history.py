"""Reads the versions of tables from their own metadata, if the record is lost.

A version is a readable metadata file with readable manifests and complete data files. If several files have one
number, a publish lost its swap or was killed: the file that the next version names is used.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyiceberg.schema import Schema
from pyiceberg.table.metadata import TableMetadataV2
from pyiceberg.types import (
    DecimalType,
    FixedType,
    IcebergType,
    ListType,
    MapType,
    NestedField,
    StructType,
)

from data_platform.errors import StorageFailed
from data_platform.spec.schema.record import restore_schema
from data_platform.spec.schema.types import (
    DataType,
    Decimal,
    Fixed,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from data_platform.tables.damage import UNREADABLE, MetadataDamaged
from data_platform.tables.iceberg.read import list_data_files, load, read_live_entries
from data_platform.tables.iceberg.schema import ICEBERG
from data_platform.tables.orphans import find_stage, find_version, list_files
from data_platform.tables.place import TablePlace

PREFIX = "data-platform."
_SEALED = "write.metadata.metrics.column."
_KINDS = {type(kind): Primitive(name) for name, kind in ICEBERG.items()}


@dataclass(frozen=True, slots=True)
class RecoveredVersion:
    """One version according to its metadata; `facts` are the contract's facts about the product."""

    version: int
    stage_id: str
    snapshot_id: int
    metadata_location: str
    manifest_list: str
    rows: int
    bytes: int
    files: int
    published_at: datetime
    schema: TableSchema
    field_ids: dict[str, int]
    last_column_id: int
    partition_by: tuple[str, ...]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableHistory:
    """The versions of one table, oldest first, its unreadable metadata files, and the numbers that it lacks."""

    folder: str
    output: str
    versions: tuple[RecoveredVersion, ...]
    unreadable: tuple[str, ...]
    gaps: tuple[int, ...]


def read_histories(tables: Path) -> Iterator[TableHistory]:
    """Every table of the folder that has metadata, by name. Raises StorageFailed without read permission."""
    named: dict[tuple[str, str], dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for path in list_files(tables.resolve()).files:
        number = find_version(path)
        if number is not None and path.parent.name == "metadata":
            table = path.parent.parent
            named[table.parent.name, table.name][number].append(path)
    for (product, output), numbers in sorted(named.items()):
        yield _read_history(TablePlace(tables, product, output), numbers)


def _read_history(place: TablePlace, numbers: Mapping[int, list[Path]]) -> TableHistory:
    versions: list[RecoveredVersion] = []
    unreadable: list[str] = []
    named: set[str] = set()
    for number in sorted(numbers, reverse=True):
        candidates = sorted(numbers[number], key=lambda path: (path.name in named, path.stat().st_mtime), reverse=True)
        for path in candidates:
            try:
                table = load(place, f"metadata/{path.name}")
                versions.append(_read_version(place, path, number, table))
            except (StorageFailed, *UNREADABLE):
                unreadable.append(str(path))
                continue
            named = {Path(entry.metadata_file).name for entry in table.metadata_log}
            break
    gaps = sorted(set(range(1, max(numbers) + 1)) - {version.version for version in versions})
    return TableHistory(place.product, place.output, tuple(reversed(versions)), tuple(unreadable), tuple(gaps))


def _read_version(place: TablePlace, path: Path, number: int, table: TableMetadataV2) -> RecoveredVersion:
    snapshot = table.current_snapshot()
    if snapshot is None or snapshot.summary is None:
        raise MetadataDamaged(path, "has no snapshot")
    manifest_list = f"metadata/{Path(snapshot.manifest_list).name}"
    paths = list_data_files(place, manifest_list)
    stages = {find_stage(Path(name)) for name in paths}
    (stage,) = stages
    entries = read_live_entries(place, Path(manifest_list).name)
    for entry in entries:
        name = place.data / Path(entry.entry.data_file.file_path).name
        if not name.is_file() or name.stat().st_size != entry.entry.data_file.file_size_in_bytes:
            raise MetadataDamaged(path, f"names the data file {name}, which is not there as it was")
    return RecoveredVersion(
        version=number,
        stage_id=str(stage),
        snapshot_id=snapshot.snapshot_id,
        metadata_location=f"metadata/{path.name}",
        manifest_list=manifest_list,
        rows=sum(entry.entry.data_file.record_count for entry in entries),
        bytes=sum(entry.entry.data_file.file_size_in_bytes for entry in entries),
        files=len(paths),
        published_at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC),
        schema=_read_schema(table),
        field_ids=dict(_iterate_field_ids(table.schema())),
        last_column_id=table.last_column_id,
        partition_by=tuple(field.name for field in table.spec().fields),
        facts={name.removeprefix(PREFIX): value for name, value in table.properties.items() if name.startswith(PREFIX)},
    )


def _read_schema(table: TableMetadataV2) -> TableSchema:
    """The schema as in the contract; for tables of older releases, as far as Iceberg describes it."""
    with suppress(*UNREADABLE):
        stored: Any = json.loads(table.properties[f"{PREFIX}schema"])
        return restore_schema(stored)
    sealed = {name.removeprefix(_SEALED) for name in table.properties if name.startswith(_SEALED)}
    return TableSchema(tuple(_to_column(field, sealed=field.name in sealed) for field in table.schema().fields))


def _to_column(field: NestedField, *, sealed: bool = False) -> SchemaColumn:
    tags, encryption = (("pii",), "aes-256-gcm") if sealed else ((), None)
    return SchemaColumn(field.name, _to_type(field.field_type), field.required, field.doc, tags, encryption)


def _to_type(kind: IcebergType) -> DataType:
    match kind:
        case DecimalType():
            return Decimal(kind.precision, kind.scale)
        case FixedType():
            return Fixed(len(kind))
        case ListType():
            return ListOf(_to_type(kind.element_type), kind.element_required)
        case MapType():
            return MapOf(_to_type(kind.key_type), _to_type(kind.value_type), kind.value_required)
        case StructType():
            return Struct(tuple(map(_to_column, kind.fields)))
        case _:
            return _KINDS[type(kind)]


def _iterate_field_ids(schema: Schema) -> Iterator[tuple[str, int]]:
    def walk(path: str, kind: IcebergType) -> Iterator[tuple[str, int]]:
        match kind:
            case StructType():
                for field in kind.fields:
                    inner = f"{path}.{field.name}" if path else field.name
                    yield inner, field.field_id
                    yield from walk(inner, field.field_type)
            case ListType():
                yield f"{path}.element", kind.element_id
                yield from walk(f"{path}.element", kind.element_type)
            case MapType():
                yield f"{path}.key", kind.key_id
                yield from walk(f"{path}.key", kind.key_type)
                yield f"{path}.value", kind.value_id
                yield from walk(f"{path}.value", kind.value_type)

    return walk("", schema.as_struct())
