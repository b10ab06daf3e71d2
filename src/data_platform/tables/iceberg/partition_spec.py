"""`partition_by` as an Iceberg partition spec (https://iceberg.apache.org/spec/#partition-specs)."""

from __future__ import annotations

from collections.abc import Sequence

from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.transforms import IdentityTransform

from data_platform.spec.schema.types import FieldIds


def build_partition_spec(
    ids: FieldIds, partition_by: tuple[str, ...], existing: Sequence[PartitionSpec] = ()
) -> PartitionSpec:
    """The Iceberg spec of `partition_by`: an equal one of `existing`, else a new one after them."""
    sources = [ids[name] for name in partition_by]
    for spec in existing:
        if [field.source_id for field in spec.fields] == sources:
            return spec
    first = 1 + max((spec.last_assigned_field_id for spec in existing), default=999)
    fields = [
        PartitionField(source_id=source, field_id=first + number, transform=IdentityTransform(), name=name)
        for number, (source, name) in enumerate(zip(sources, partition_by, strict=True))
    ]
    return PartitionSpec(*fields, spec_id=1 + max((spec.spec_id for spec in existing), default=-1))
