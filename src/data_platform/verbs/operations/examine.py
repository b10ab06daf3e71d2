"""Whether the newest version of each output is whole on disk.

Metadata is read and compared. Of data the size and times are compared; a file that changed since it was checked, or of
which a read failed, is read and compared with its digest.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from data_platform.keys.ring import footer_key_id
from data_platform.keys.states import MissingKeys
from data_platform.record.catalog import data_files, versions
from data_platform.record.catalog.data_files import DataFileRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.tables.iceberg.rebuild import find_damage
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import map_key_ids
from data_platform.verbs.core.encryption.erasures import map_erasures
from data_platform.verbs.core.encryption.missing_keys import explain_missing_key
from data_platform.verbs.core.request import Request
from data_platform.verbs.operations.data_comparison import build_recorded, compare_data, find_newest_whole, read_files
from data_platform.verbs.operations.repair import describe_damage
from data_platform.verbs.results import DamagedFile, Examined, UnreadableColumns


@dataclass(frozen=True, slots=True)
class Examine(Request[Examined]):
    """Look at the newest versions, for so many seconds at most."""

    seconds: float = 60.0


def check_damage(context: Context, request: Examine) -> Examined:
    """What is damaged, and how many outputs were looked at of how many; which come first changes with the time.

    Older versions of which a check or a read failed are looked at too, before the others.
    """
    with context.record.reading() as conn:
        newest = versions.list_newest(conn)
        current = {row.stage_id for row in newest}
        suspects = versions.list_by_stage(conn, data_files.find_suspect_stages(conn) - current)
    start = int(context.clock().timestamp() // 60 * 997) % len(newest) if newest else 0
    deadline = time.monotonic() + request.seconds
    damaged: list[DamagedFile] = []
    unreadable: list[UnreadableColumns] = []
    looked, suspected, files, read = 0, 0, 0, 0
    for row, recorded_files in read_files(context, (*suspects, *newest[start:], *newest[:start])):
        if looked and time.monotonic() > deadline:
            break
        is_newest = row.stage_id in current
        looked, suspected = looked + is_newest, suspected + (not is_newest)
        unreadable += _find_unreadable_columns(context, row) if is_newest else ()
        of_row, count, again = _find_damage(context, row, recorded_files)
        damaged, files, read = damaged + of_row, files + count, read + again
    return Examined(looked, len(newest), tuple(damaged), files, read, suspected, tuple(unreadable))


def _find_unreadable_columns(context: Context, row: VersionRow) -> Iterator[UnreadableColumns]:
    """Encrypted columns of the version that are erased or have no key, by reason."""
    folder = context.folder(row.product)
    key_ids = map_key_ids(folder, row.output, row.schema)
    if not key_ids:
        return
    with context.record.reading() as conn:
        erased = map_erasures(conn, folder, row.output, row.version)
    closed: dict[MissingKeys, list[str]] = {}
    for column, key_id in key_ids.items():
        footer = footer_key_id(folder, row.output)
        missing = explain_missing_key(context, footer, key_id, erased.get(column))
        if missing is not None:
            closed.setdefault(missing, []).append(column)
    for missing, columns in closed.items():
        yield UnreadableColumns(row.product, row.output, tuple(columns), missing.reason, missing.remedy)


def _find_damage(
    context: Context, row: VersionRow, recorded_files: Sequence[DataFileRow]
) -> tuple[list[DamagedFile], int, int]:
    """The damage of a version, how many data files it has, and how many of them were read."""
    data = compare_data(context, row, recorded_files)
    damage = find_damage(context.place(row.product, row.output), build_recorded(row, recorded_files), data.damage)
    whole = find_newest_whole(context, row) if any(file.is_data for file in damage) else None
    return list(describe_damage(row, damage, whole=whole)), data.files, data.read
