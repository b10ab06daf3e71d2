"""Stages the rows of a publish: writes them to files that are not visible yet, with PII columns encrypted.

Rows arrive as batches that already fit the contract. They are gathered into row groups of about a million rows or
16 MB, whichever is less, and two threads write them into two files: that halves the time, and limits the memory to
three groups for a stream of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.keys.parquet import build_encryption_properties
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import FieldIds, TableSchema
from data_platform.tables.place import TablePlace
from data_platform.tables.staging.dictionaries import TextEncoder
from data_platform.tables.staging.distinct import DistinctCounter
from data_platform.tables.staging.floats import list_float_leaves, measure_floats
from data_platform.tables.staging.leaves import list_leaf_paths
from data_platform.tables.staging.partitions import Partition, check_number, split
from data_platform.tables.staging.statistics import LeafStatistics, read_leaf_statistics
from data_platform.tables.staging.writing import DataFileWriter
from data_platform.tables.storage.errors import convert_storage_errors
from data_platform.tables.storage.locations import find_path

GROUP_ROWS = 1_048_576
GROUP_BYTES = 16 * 1024 * 1024
LANES = 2


@dataclass(frozen=True, slots=True)
class Seal:
    """How the PII columns are sealed: the keys by id, the footer's key id, and each sealed column's key id."""

    footer_key: str
    column_keys: Mapping[str, str]
    keys: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One data file, complete and durable; `leaves` are the statistics of its leaf columns, without sealed ones.

    `nulls` are the numbers of nulls of its columns.
    """

    key: str
    rows: int
    bytes: int
    partition: Partition
    leaves: dict[str, LeafStatistics]
    offsets: tuple[int, ...]
    digest: str
    nulls: dict[str, int]


@dataclass(frozen=True, slots=True)
class Staged:
    """The result of one publish's stage: its files, and the number of distinct values of some columns."""

    place: TablePlace
    stage_id: str
    files: tuple[StagedFile, ...]
    distinct: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows over all files."""
        return sum(file.rows for file in self.files)

    @property
    def bytes(self) -> int:
        """Bytes over all files."""
        return sum(file.bytes for file in self.files)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files' paths, for engines. Raises StorageFailed for files that are not on this machine."""
        return tuple(find_path(self.place.storage, file.key) for file in self.files)


@dataclass(frozen=True, slots=True)
class StageOrder:
    """What to stage: its id, schema, partitions and seal.

    Files that are not `lasting` are read by this process only: they need less compression and no statistics.
    `check_bytes` takes the bytes written so far, and ends the stage by raising.
    """

    stage_id: str
    schema: TableSchema
    ids: FieldIds
    partition_by: tuple[str, ...] = ()
    seal: Seal | None = None
    lasting: bool = True
    check_bytes: Callable[[int], None] | None = None


def stage(
    place: TablePlace, order: StageOrder, batches: Iterable[pa.RecordBatch], progress: Callable[[int], None]
) -> Staged:
    """Writes `batches` (of the contract's Arrow schema) and returns the files; `progress` gets the rows written so far.

    Raises StorageFailed if the disk fails. After any error, also of the batches, no file of this stage is left.
    """
    counter = DistinctCounter(order.schema) if order.lasting else None
    lanes = [_Lane(place, order, number) for number in range(LANES)]
    try:
        with convert_storage_errors(f"cannot write {place.product}.{place.output}"):
            groups = _gather_groups(batches, progress)
            _write_groups(lanes, _count_groups(groups, counter, order) if counter else groups, order)
            if not any(lane.wrote for lane in lanes):
                lanes[0].write(tuple(None for _ in order.partition_by), to_arrow(order.schema).empty_table())
            files = [file for lane in lanes for file in lane.close()]
            place.storage.sync(place.data)
    except BaseException:
        for lane in lanes:
            lane.abandon()
        raise
    return Staged(place, order.stage_id, tuple(files), counter.finish() if counter else {})


def _gather_groups(batches: Iterable[pa.RecordBatch], progress: Callable[[int], None]) -> Iterator[pa.Table]:
    gathered: list[pa.RecordBatch] = []
    rows = size = total = 0
    for batch in batches:
        gathered.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            group, gathered = pa.Table.from_batches(gathered), []  # the group is the only reference to its batches
            yield group
            total += rows
            progress(total)
            rows = size = 0
    if gathered:
        yield pa.Table.from_batches(gathered)
        progress(total + rows)


def _count_groups(groups: Iterable[pa.Table], counter: DistinctCounter, order: StageOrder) -> Iterator[pa.Table]:
    """The groups, with text of few values as dictionaries: not if each has to be split, dictionaries and all."""
    encoder = TextEncoder(() if order.partition_by else counter.texts)
    for group in groups:
        group = encoder.encode(group)
        counter.add(group)
        yield group


def _write_groups(lanes: list[_Lane], groups: Iterable[pa.Table], order: StageOrder) -> None:
    """Writes every group in a free lane; a partition always uses the same lane, so that it has few files."""
    busy: dict[Future[None], _Lane] = {}
    seen: set[Partition] = set()
    with ThreadPoolExecutor(LANES, thread_name_prefix="stage") as pool:
        for group in groups:
            for partition, part in split(group, order.partition_by):
                seen.add(partition)
                check_number(len(seen), order.partition_by)
                lane = _wait_for_lane(lanes, busy, partition)
                busy[pool.submit(lane.write, partition, part)] = lane
            if order.check_bytes is not None:
                order.check_bytes(sum(lane.bytes for lane in lanes))
        for future in busy:
            future.result()


def _wait_for_lane(lanes: list[_Lane], busy: dict[Future[None], _Lane], partition: Partition) -> _Lane:
    wanted = [lanes[hash(partition) % len(lanes)]] if partition else lanes
    while True:
        free = [lane for lane in wanted if lane not in busy.values()]
        if free:
            return free[0]
        done, _ = wait(busy, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
            del busy[future]


class _Lane:
    """One thread's files: an open one for each partition, and the closed ones."""

    def __init__(self, place: TablePlace, order: StageOrder, number: int) -> None:
        self._place, self._order, self._number = place, order, number
        self._open: dict[Partition, DataFileWriter] = {}
        self._all: list[tuple[str, Partition, DataFileWriter]] = []

    @property
    def wrote(self) -> bool:
        return bool(self._all)

    @property
    def bytes(self) -> int:
        return sum(file.bytes for _, _, file in self._all)

    def write(self, partition: Partition, group: pa.Table) -> None:
        """Appends a row group; to a new file if the open file's bounds would not be exact for it."""
        facts = measure_floats(group, self._order.schema)
        file = self._open.get(partition)
        if file is None or not file.can_take(facts):
            inexact = {leaf for leaf, fact in facts.items() if not fact.exact}
            if file is not None:  # so that a column's inexact groups split a file at most once
                file.end()
                inexact = set(list_float_leaves(self._order.schema))
            file = self._begin(partition, group, inexact)
        file.write(group, facts)

    def close(self) -> list[StagedFile]:
        """Ends the files and waits until each is on disk."""
        for file in self._open.values():
            file.end()
        return [self._describe_file(key, partition, file) for key, partition, file in self._all]

    def abandon(self) -> None:
        """Removes all files."""
        for _, _, file in self._all:
            file.abandon()
        self._open.clear()
        self._all.clear()

    def _begin(self, partition: Partition, group: pa.Table, inexact: Collection[str]) -> DataFileWriter:
        order = self._order
        key = f"{self._place.data}/{order.stage_id}-{self._number}-{len(self._all)}.parquet"
        new = self._place.storage.create(key)
        file = DataFileWriter(
            new, order.schema, order.ids, group, inexact, _make_encryption(order), lasting=order.lasting
        )
        self._open[partition] = file
        self._all.append((key, partition, file))
        return file

    def _describe_file(self, key: str, partition: Partition, file: DataFileWriter) -> StagedFile:
        hidden = self._order.schema.masked
        return StagedFile(
            key,
            file.footer.num_rows,
            file.bytes,
            partition,
            read_leaf_statistics(file.footer, file.facts, hidden) if self._order.lasting else {},
            list_row_group_offsets(file.footer, hidden),
            file.digest,
            dict(file.nulls),
        )


def list_row_group_offsets(footer: pq.FileMetaData, sealed: Iterable[str]) -> tuple[int, ...]:
    """Iceberg's split offsets; empty if the first column is sealed."""
    if footer.num_columns == 0 or footer.schema.column(0).path.split(".")[0] in set(sealed):
        return ()
    first = (footer.row_group(number).column(0) for number in range(footer.num_row_groups))
    return tuple(column.dictionary_page_offset or column.data_page_offset for column in first)


def _make_encryption(order: StageOrder) -> Any:
    if order.seal is None:
        return None
    columns = {
        key_id: list(list_leaf_paths(column))
        for column in order.schema
        if (key_id := order.seal.column_keys.get(column.name)) is not None
    }
    return build_encryption_properties(order.seal.keys, order.seal.footer_key, columns)
