"""Whether the data files of a version are those that were published, by their recorded digests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from data_platform.engine.digests import PublishedFile, find_file_damage, read_stamp
from data_platform.record.catalog import data_files, versions
from data_platform.record.catalog.data_files import DataFileRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.tables.iceberg.rebuild import Damage, RecordedVersion, find_damage
from data_platform.tables.storage.locations import find_path, locate
from data_platform.verbs.core.context import Context

_PAGE = 100
_EARLIER = 10
"""How many earlier versions are compared in search of one that is whole."""


@dataclass(frozen=True, slots=True)
class ComparedData:
    """What is wrong with the data files of a version; None where no digests are recorded. `read` were read in full."""

    damage: list[Damage] | None
    files: int
    read: int


@dataclass(frozen=True, slots=True)
class FileCheck:
    """A data file that was read now, the stamp that it had, and what is wrong with it."""

    file: DataFileRow
    stamp: str
    damage: str | None


def check_file(context: Context, file: DataFileRow) -> FileCheck:
    """Reads the file and compares it with its digest; the stamp is taken first, so that a later change shows."""
    path = find_path(context.storage, file.path)
    stamp = read_stamp(path)
    return FileCheck(file, stamp, find_file_damage(PublishedFile(path, file.bytes, file.digest)))


def has_changed(context: Context, file: DataFileRow) -> bool:
    """Whether size or times differ from those of the last check, or a check was requested."""
    return file.stamp is None or read_stamp(find_path(context.storage, file.path)) != file.stamp


def record_checks(context: Context, checks: list[FileCheck], now: datetime) -> None:
    """Notes what the checks gave."""
    if checks:
        with context.record.transaction() as tx:
            for check in checks:
                data_files.record_check(tx, check.file.path, now, check.damage, check.stamp)


def read_files(context: Context, rows: Iterable[VersionRow]) -> Iterator[tuple[VersionRow, Sequence[DataFileRow]]]:
    """Each version with the files that are recorded of it, a hundred versions at a time."""
    rows = iter(rows)
    while page := list(islice(rows, _PAGE)):
        with context.record.reading() as conn:
            files = data_files.map_by_version(conn, [row.stage_id for row in page])
        yield from ((row, files.get(row.stage_id, ())) for row in page)


def compare_data(
    context: Context, row: VersionRow, files: Sequence[DataFileRow], *, thorough: bool = False
) -> ComparedData:
    """Compares the version's data files: those that changed since they were checked, or all of them if `thorough`.

    What a thorough comparison gives is recorded.
    """
    if len(files) != row.files:
        return ComparedData(None, row.files, 0)
    checks = [check_file(context, file) for file in files if thorough or has_changed(context, file)]
    if thorough and not context.record.read_only:
        record_checks(context, checks, context.clock())
    reasons = {file.path: file.damage for file in files} | {check.file.path: check.damage for check in checks}
    damaged = [(key, why) for key, why in sorted(reasons.items()) if why]
    wrong = [Damage(locate(context.storage, key), why, is_data=True) for key, why in damaged]
    return ComparedData(wrong, len(files), len(checks))


def find_newest_whole(context: Context, row: VersionRow) -> int | None:
    """The newest version before this one whose metadata and data are whole, of the ten before it."""
    with context.record.reading() as conn:
        history = versions.list_history(conn, row.product, row.output)
    earlier = [version for version in history if version.version < row.version]
    for older, files in read_files(context, earlier[:_EARLIER]):
        data = compare_data(context, older, files, thorough=True)
        if not find_damage(context.place(older.product, older.output), build_recorded(older, files), data.damage):
            return older.version
    return None


def build_recorded(row: VersionRow, files: Sequence[DataFileRow]) -> RecordedVersion:
    """The recorded facts of a version and its files, as `tables` takes them."""
    return RecordedVersion(
        version=row.version,
        stage_id=row.stage_id,
        snapshot_id=row.snapshot_id,
        metadata_location=row.metadata_location,
        manifest_list=row.manifest_list,
        rows=row.rows,
        bytes=row.bytes,
        files=row.files,
        published_at=row.published_at,
        keys=frozenset(file.path for file in files) or None,
    )
