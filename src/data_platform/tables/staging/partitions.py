"""Identity partitions (https://iceberg.apache.org/spec/#partition-transforms): rows of equal values share a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import BadInput

MOST_PARTITIONS = 1_000

Partition = tuple[Any, ...]
"""A partition's values in the order of `partition_by`; () where the table is not partitioned."""


def split(group: pa.Table, partition_by: tuple[str, ...]) -> Iterator[tuple[Partition, pa.Table]]:
    """The rows of `group` by partition, each in its original order."""
    if not partition_by:
        yield (), group
        return
    keys = group.select(list(partition_by)).group_by(list(partition_by), use_threads=False).aggregate([])
    check_number(keys.num_rows, partition_by)
    for key in keys.to_pylist():
        yield tuple(key.values()), group.filter(_match_key(group, key))


def check_number(partitions: int, partition_by: tuple[str, ...]) -> None:
    """Raises BadInput when there are too many: each is a file, and an open one while rows are written."""
    if partitions > MOST_PARTITIONS:
        raise BadInput(
            f"partition_by {', '.join(partition_by)} makes more than {MOST_PARTITIONS} partitions",
            hint="partition by columns of few values, such as a date or a country",
        )


def _match_key(group: pa.Table, key: dict[str, Any]) -> Any:
    mask: Any = None
    for name, value in key.items():
        column = group[name]
        same = pc.is_null(column) if value is None else pc.equal(column, pa.scalar(value, column.type))
        same = pc.fill_null(same, False)
        mask = same if mask is None else pc.and_(mask, same)
    return mask
