"""gc: removes what no version names and no lease protects, and only what the record can explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import RecordFailed
from data_platform.record.catalog import outputs, redirects, versions
from data_platform.record.operations import leases, unrestored
from data_platform.tables.orphans import (
    find_commit,
    find_data_orphans,
    find_metadata_orphans,
    find_stage,
    find_version,
    list_files,
    remove,
)
from data_platform.verbs.core import audit_entries
from data_platform.verbs.core.audit_entries import Act
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import Collected

REMEMBERED = timedelta(days=1)
"""How long an ended lease explains files: its process may still write until it sees that the lease is gone."""


@dataclass(frozen=True, slots=True)
class Collect(Request[Collected]):
    """Remove orphaned files; `dry_run` only counts them."""

    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Facts:
    """Recorded facts of files: the version that each table's folder is at, stages and commits in use."""

    tables: dict[Path, int]
    leased_tables: set[Path]
    leased: set[str]
    ended: set[str]
    stages: set[str]
    commits: set[str | None]
    unrestored: set[str]


def collect(context: Context, request: Collect) -> Collected:
    """What was removed, or would be.

    Files are listed before the record is asked, so a stage that is promoted meanwhile is never taken for an orphan;
    a publish whose lease ran out finds it gone when it promotes, and fails cleanly. Raises RecordFailed, and removes
    nothing, where files belong to outputs or versions that the record does not know. Files that a rebuild of the
    record could not explain are kept: they may be versions that it lost.
    """
    with context.record.transaction() as tx:
        leases.expire(tx, context.clock())
    listed = list_files(context.tables)
    with context.record.reading() as conn:
        facts = _read_facts(context, conn)
    candidates = [
        *find_data_orphans(listed.files, facts.leased | facts.stages),
        *find_metadata_orphans(listed.files, facts.commits, facts.leased, facts.leased_tables.__contains__),
    ]
    orphans = [path for path in candidates if path.relative_to(context.tables).as_posix() not in facts.unrestored]
    _require_explanation(context, facts, orphans)
    size = sum(path.stat().st_size for path in orphans if path.exists())
    if not request.dry_run:
        _remove(context, orphans, size)
    kept = len(candidates) - len(orphans)
    return Collected(len(orphans), size, request.dry_run, tuple(map(str, listed.links)), kept)


def _read_facts(context: Context, conn: Connection) -> _Facts:
    context.remember_redirects(redirects.list_all(conn))

    def locate_table(product: str, output: str) -> Path:
        return context.place(product, output).location

    return _Facts(
        tables={locate_table(product, name): version for product, name, version in outputs.list_newest_versions(conn)},
        leased_tables={locate_table(*output) for output in leases.list_leased_outputs(conn)},
        leased=leases.list_live(conn),
        ended=leases.list_ended(conn),
        stages=versions.list_stage_ids(conn),
        commits={find_commit(Path(name).name) for name in versions.list_metadata_names(conn)},
        unrestored=unrestored.list_all(conn),
    )


def _require_explanation(context: Context, facts: _Facts, orphans: Sequence[Path]) -> None:
    """Raises RecordFailed for orphans that show that the record is not, or not any more, this home's.

    A record that was lost, restored from an old backup or mistaken for another knows nothing of what it would remove.
    """
    strange = next(_find_unexplained(facts, orphans), None)
    if strange is None:
        return
    newest = facts.tables.get(strange.parent.parent)
    knows = "knows no such output" if newest is None else f"ends with version {newest} of that output"
    raise RecordFailed(
        f"nothing was removed: {strange} belongs to a history that the record {context.record.place} does not have; "
        f"it {knows}",
        hint="restore the record that belongs to this home, or data-platform doctor --rebuild; "
        "what nobody needs, move out of the home",
    )


def _find_unexplained(facts: _Facts, orphans: Sequence[Path]) -> Iterator[Path]:
    for path in orphans:
        if find_stage(path) in facts.ended:
            continue
        newest, version = facts.tables.get(path.parent.parent), find_version(path)
        if newest is None or (version is not None and version > newest):
            yield path


def _remove(context: Context, orphans: Sequence[Path], size: int) -> None:
    if orphans:
        with context.record.transaction() as tx:  # first: files that are gone always have their entry
            audit_entries.record(context, tx, Act.RETENTION, audit_entries.FILES, files=len(orphans), bytes=size)
        remove(orphans)
    with context.record.transaction() as tx:
        leases.remove_ended(tx, context.clock() - REMEMBERED)
