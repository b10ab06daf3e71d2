"""A staged file as an Iceberg data file, without counts and bounds of sealed columns.

Format: https://iceberg.apache.org/spec/#data-file-fields and #appendix-d-single-value-serialization.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyiceberg.conversions import to_bytes
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat, ManifestEntry, ManifestEntryStatus
from pyiceberg.partitioning import PartitionSpec, partition_record_value
from pyiceberg.schema import Schema
from pyiceberg.typedef import Record
from pyiceberg.types import NestedField, PrimitiveType, StringType, StructType
from pyiceberg.utils.truncate import truncate_upper_bound_text_string

from data_platform.tables.place import TablePlace
from data_platform.tables.staging.stage import StagedFile
from data_platform.tables.staging.statistics import LeafStatistics

_BOUND_LENGTH = 16
_BOUNDLESS = ("binary", "fixed", "uuid")


def make_added_entry(
    place: TablePlace, file: StagedFile, spec: PartitionSpec, schema: Schema, snapshot_id: int
) -> ManifestEntry:
    """The manifest entry that adds `file` in `snapshot_id`; its sequence number is inherited at commit."""
    leaves = [
        (field_id, kind, leaf)
        for field_id, kind, path in _iterate_leaf_fields(schema)
        if (leaf := file.leaves.get(path)) is not None
    ]
    data_file = DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=place.locate(file.key),
        file_format=FileFormat.PARQUET,
        partition=make_partition(file, spec, schema),
        record_count=file.rows,
        file_size_in_bytes=file.bytes,
        column_sizes={field_id: leaf.bytes for field_id, _, leaf in leaves},
        value_counts={field_id: leaf.values for field_id, _, leaf in leaves},
        null_value_counts={field_id: leaf.nulls for field_id, _, leaf in leaves if leaf.nulls is not None},
        nan_value_counts={field_id: leaf.nans for field_id, _, leaf in leaves if leaf.nans is not None},
        lower_bounds=_encode_bounds(leaves, upper=False),
        upper_bounds=_encode_bounds(leaves, upper=True),
        key_metadata=None,
        split_offsets=list(file.offsets) or None,
        equality_ids=None,
        sort_order_id=0,
    )
    data_file.spec_id = spec.spec_id
    return ManifestEntry.from_args(
        status=ManifestEntryStatus.ADDED,
        snapshot_id=snapshot_id,
        sequence_number=None,
        file_sequence_number=None,
        data_file=data_file,
    )


def make_partition(file: StagedFile, spec: PartitionSpec, schema: Schema) -> Record:
    """The values of the file's partition, as a manifest has them."""
    pairs = zip(spec.fields, file.partition, strict=True)
    return Record(*(partition_record_value(field, value, schema) for field, value in pairs))


Leaf = tuple[int, PrimitiveType, str]


def _iterate_leaf_fields(schema: Schema) -> Iterator[Leaf]:
    """Primitive fields at the top and inside structs; a list's or map's elements have no bounds in Iceberg."""

    def walk(fields: tuple[NestedField, ...], prefix: str) -> Iterator[Leaf]:
        for field in fields:
            if isinstance(field.field_type, StructType):
                yield from walk(field.field_type.fields, f"{prefix}{field.name}.")
            elif isinstance(field.field_type, PrimitiveType):
                yield field.field_id, field.field_type, prefix + field.name

    return walk(schema.fields, "")


def _encode_bounds(leaves: list[tuple[int, PrimitiveType, LeafStatistics]], *, upper: bool) -> dict[int, bytes]:
    bounds: dict[int, bytes] = {}
    for field_id, kind, leaf in leaves:
        value = _truncate_bound(kind, leaf.upper if upper else leaf.lower, upper=upper)
        if value is not None:
            bounds[field_id] = to_bytes(kind, value)
    return bounds


def _truncate_bound(kind: Any, value: Any, *, upper: bool) -> Any:
    """Text bounds are cut to 16 characters, as Iceberg's default metrics mode truncate(16) does."""
    if value is None or str(kind).startswith(_BOUNDLESS):
        return None
    if isinstance(kind, StringType) and len(value) > _BOUND_LENGTH:
        return truncate_upper_bound_text_string(value, _BOUND_LENGTH) if upper else value[:_BOUND_LENGTH]
    if isinstance(value, float) and value == 0:  # either zero may occur, and -0.0 is below 0.0
        return 0.0 if upper else -0.0
    return value
