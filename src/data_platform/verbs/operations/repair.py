"""repair: damaged metadata of versions is rewritten from the record and the data files; no data file is touched.

Every data file is read and compared with its digest; the damaged ones are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import StorageFailed
from data_platform.record.catalog import outputs, products, versions
from data_platform.record.catalog.data_files import DataFileRow
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.tables.iceberg.commit import Contents
from data_platform.tables.iceberg.rebuild import Damage, find_damage, list_data_keys, read_data, rebuild
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_output, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.operations.data_comparison import build_recorded, compare_data, find_newest_whole, read_files
from data_platform.verbs.results import DamagedFile, Repaired


@dataclass(frozen=True, slots=True)
class Repair(Request[Repaired]):
    """Rewrite damaged metadata of every version of an output, of a product's outputs, or of the mesh."""

    product: str | None = None
    output: str | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """A version whose files are damaged, and what is needed to rewrite its metadata."""

    row: VersionRow
    output: OutputRow
    files: Sequence[DataFileRow]
    partition_by: tuple[str, ...]
    earlier: tuple[str, ...]


def restore_metadata(context: Context, request: Repair) -> Repaired:
    """What was rewritten, and what cannot be: data files that are missing or cut come back from a backup only.

    Older versions come first, for the metadata of a version names the ones before it. Raises NotFound.
    """
    repaired: list[DamagedFile] = []
    lost: list[DamagedFile] = []
    examined, read = 0, 0
    for output in _list_outputs(context, request):
        with context.record.reading() as conn:
            history = versions.list_history(conn, output.product, output.name)
        examined += len(history)
        for row, files in read_files(context, reversed(history)):
            data = compare_data(context, row, files, thorough=True)
            read += data.read
            damage = find_damage(context.place(row.product, row.output), build_recorded(row, files), data.damage)
            if not damage:
                continue
            reason = _restore_version(context, output, row, files, damage, history)
            whole = find_newest_whole(context, row) if any(file.is_data for file in damage) else None
            (lost if reason else repaired).extend(describe_damage(row, damage, reason, whole))
    return Repaired(examined, tuple(repaired), tuple(lost), read)


def describe_damage(
    row: VersionRow, damage: Sequence[Damage], reason: str | None = None, whole: int | None = None
) -> Iterator[DamagedFile]:
    """The damage of a version, as it is answered; `reason` is why metadata cannot be rewritten."""
    for file in damage:
        why = file.why if file.is_data else reason or file.why
        earlier = whole if file.is_data else None
        yield DamagedFile(row.product, row.output, row.version, file.path, why, file.is_data, earlier)


def _list_outputs(context: Context, request: Repair) -> list[OutputRow]:
    with context.record.reading() as conn:
        if request.product is None:
            return [row for row in outputs.list_all(conn) if row.version]
        product = resolve_product(conn, request.product).name
        if request.output is not None:
            return [resolve_output(conn, product, request.output)]
        return [row for row in outputs.list_by_product(conn, product) if row.version]


def _restore_version(
    context: Context,
    output: OutputRow,
    row: VersionRow,
    files: Sequence[DataFileRow],
    damage: Sequence[Damage],
    history: Sequence[VersionRow],
) -> str | None:
    """Rewrites the version's metadata; returns why it cannot be, where its data is damaged too."""
    if any(file.is_data for file in damage):
        return "cannot be rewritten, because data of the version is damaged"
    with context.record.reading() as conn:
        work = _Work(row, output, files, _find_partitioning(conn, output, row), _list_earlier_metadata(row, history))
    try:
        _rebuild(context, work)
    except StorageFailed as error:
        return error.message
    with context.record.transaction() as tx:
        details = {"version": row.version, "files": [file.path.rpartition("/")[2] for file in damage]}
        record_outcomes(context, tx, ActOutcome(EventKind.METADATA_REPAIRED, Subject(row.product, row.output), details))
    return None


def _rebuild(context: Context, work: _Work) -> None:
    row, output = work.row, work.output
    schema, place = row.schema, context.place(row.product, row.output)
    recorded = build_recorded(row, work.files)
    staged = read_data(place, row.stage_id, list_data_keys(place, recorded), schema, work.partition_by)
    try:
        contents = Contents(staged, schema, output.field_ids, output.last_column_id, work.partition_by)
        rebuild(place, recorded, contents, work.earlier)
    except KeyError as error:
        raise StorageFailed(f"the record does not know the field id of column {error} any more") from error


def _list_earlier_metadata(row: VersionRow, history: Sequence[VersionRow]) -> tuple[str, ...]:
    return tuple(older.metadata_location for older in history if older.version < row.version)


def _find_partitioning(conn: Connection, output: OutputRow, row: VersionRow) -> tuple[str, ...]:
    """How the contract of the version partitioned it."""
    contract = products.find_contract(conn, row.product, row.contract_revision)
    declared = contract.contract.product.find_output(output.base) if contract else None
    return declared.partition_by if declared else ()
