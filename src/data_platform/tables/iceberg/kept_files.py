"""Which files of a version stay where the rows of some partitions are replaced."""

from __future__ import annotations

from collections.abc import Sequence

from data_platform.spec.schema.types import FieldIds, TableSchema
from data_platform.tables.iceberg.data_file import make_partition
from data_platform.tables.iceberg.partition_spec import build_partition_spec
from data_platform.tables.iceberg.read import load, read_live_entries
from data_platform.tables.iceberg.schema import to_iceberg
from data_platform.tables.place import TablePlace, get_name
from data_platform.tables.staging.stage import StagedFile


def has_partitioning(place: TablePlace, metadata_location: str, ids: FieldIds, partition_by: tuple[str, ...]) -> bool:
    """Whether all files of a version are partitioned by these columns. Raises MetadataDamaged."""
    table = load(place, metadata_location)
    snapshot = table.current_snapshot()
    wanted = build_partition_spec(ids, partition_by, table.partition_specs).spec_id
    entries = read_live_entries(place, get_name(snapshot.manifest_list)) if snapshot else ()
    return all(live.spec_id == wanted for live in entries)


def list_untouched(
    place: TablePlace,
    manifest_list: str,
    files: Sequence[StagedFile],
    schema: TableSchema,
    ids: FieldIds,
    partition_by: tuple[str, ...],
) -> frozenset[str]:
    """The names of the data files of a version, in none of whose partitions `files` have rows.

    All files are partitioned by `partition_by`. Raises MetadataDamaged.
    """
    spec, iceberg = build_partition_spec(ids, partition_by), to_iceberg(schema, ids, schema_id=0)
    touched = {repr(make_partition(file, spec, iceberg)) for file in files if file.rows}
    entries = read_live_entries(place, get_name(manifest_list))
    return frozenset(live.name for live in entries if repr(live.entry.data_file.partition) not in touched)
