"""Reads the versions of tables from their own metadata, if the record is lost.

A version is a readable metadata file with readable manifests and complete data files. If several files have one
number, a publish lost its swap or was killed: the file that the next version names is used.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
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
from data_platform.spec.schema.json_form import restore_schema
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
from data_platform.tables.corruption import UNREADABLE, MetadataDamaged
from data_platform.tables.iceberg.read import list_data_files, load, read_live_entries
from data_platform.tables.iceberg.schema import ICEBERG
from data_platform.tables.orphans import find_stage, find_table, find_version, is_metadata, list_files
from data_platform.tables.place import TablePlace, get_name
from data_platform.tables.storage.port import Storage

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


def read_histories(storage: Storage) -> Iterator[TableHistory]:
    """Every table of the storage that has metadata, by name. Raises StorageFailed without read permission."""
    named: dict[tuple[str, str], dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key in list_files(storage):
        number = find_version(key)
        if number is not None and is_metadata(key):
            product, _, output = find_table(key).partition("/")
            named[product, output][number].append(key)
    for (product, output), numbers in sorted(named.items()):
        yield _read_history(TablePlace(storage, product, output), numbers)


def _read_history(place: TablePlace, numbers: Mapping[int, list[str]]) -> TableHistory:
    versions: list[RecoveredVersion] = []
    unreadable: list[str] = []
    named: set[str] = set()
    for number in sorted(numbers, reverse=True):
        for key in _sort_candidates(place, numbers[number], named):
            try:
                table = load(place, f"metadata/{get_name(key)}")
                versions.append(_read_version(place, key, number, table))
            except (StorageFailed, *UNREADABLE):
                unreadable.append(place.locate(key))
                continue
            named = {get_name(entry.metadata_file) for entry in table.metadata_log}
            break
    gaps = sorted(set(range(1, max(numbers) + 1)) - {version.version for version in versions})
    return TableHistory(place.product, place.output, tuple(reversed(versions)), tuple(unreadable), tuple(gaps))


def _sort_candidates(place: TablePlace, keys: Sequence[str], named: Collection[str]) -> list[str]:
    """The metadata files of one number: first the one that the next version names, then the newest."""
    return sorted(keys, key=lambda key: (get_name(key) in named, place.storage.describe(key).modified), reverse=True)


def _read_version(place: TablePlace, key: str, number: int, table: TableMetadataV2) -> RecoveredVersion:
    snapshot = table.current_snapshot()
    if snapshot is None or snapshot.summary is None:
        raise MetadataDamaged(place.locate(key), "has no snapshot")
    manifest_list = f"metadata/{get_name(snapshot.manifest_list)}"
    files = list_data_files(place, manifest_list)
    stage = find_stage(key) or next(iter(map(find_stage, files)))
    entries = read_live_entries(place, get_name(manifest_list))
    for entry in entries:
        file = f"{place.data}/{get_name(entry.entry.data_file.file_path)}"
        if not place.is_whole(file, entry.entry.data_file.file_size_in_bytes):
            why = f"names the data file {place.locate(file)}, which is not there as it was"
            raise MetadataDamaged(place.locate(key), why)
    return RecoveredVersion(
        version=number,
        stage_id=str(stage),
        snapshot_id=snapshot.snapshot_id,
        metadata_location=f"metadata/{get_name(key)}",
        manifest_list=manifest_list,
        rows=sum(entry.entry.data_file.record_count for entry in entries),
        bytes=sum(entry.entry.data_file.file_size_in_bytes for entry in entries),
        files=len(files),
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
