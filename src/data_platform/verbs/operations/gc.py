"""gc: removes what no version names and no lease protects, and only what the record can explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from data_platform.errors import RecordFailed
from data_platform.record.catalog import data_files, outputs, redirects, versions
from data_platform.record.operations import idempotency, leases, quotas, unrestored_files
from data_platform.record.operations.event_kinds import EventKind
from data_platform.tables.orphans import (
    find_commit,
    find_data_orphans,
    find_metadata_orphans,
    find_stage,
    find_table,
    find_version,
    list_files,
    list_folder_links,
    remove,
)
from data_platform.tables.place import get_name
from data_platform.tables.storage.locations import locate
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import FILES, ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import Collected

REMEMBERED = timedelta(days=1)
"""How long an ended lease explains files: its process may still write until it sees that the lease is gone."""


@dataclass(frozen=True, slots=True)
class Collect(Request[Collected]):
    """Remove orphaned files; `dry_run` only counts them."""

    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Facts:
    """Recorded facts of files: the version that each table (`product/output`) is at, stages and commits in use."""

    tables: dict[str, int]
    leased_tables: set[str]
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
    links = list_folder_links(context.storage)
    files = () if "" in links else tuple(list_files(context.storage))
    with context.record.reading() as conn:
        facts = _read_facts(context, conn)
    candidates = [
        *find_data_orphans(files, facts.leased | facts.stages),
        *find_metadata_orphans(files, facts.commits, facts.leased, facts.leased_tables.__contains__),
    ]
    orphans = [key for key in candidates if key not in facts.unrestored]
    _require_explanation(context, facts, orphans)
    size = sum(_measure(context, key) for key in orphans)
    if not request.dry_run:
        _remove(context, orphans, size)
    kept = len(candidates) - len(orphans)
    return Collected(len(orphans), size, request.dry_run, tuple(locate(context.storage, key) for key in links), kept)


def _measure(context: Context, key: str) -> int:
    try:
        return context.storage.describe(key).size
    except FileNotFoundError:
        return 0


def _read_facts(context: Context, conn: Connection) -> _Facts:
    context.remember_redirects(redirects.list_all(conn))

    def locate_table(product: str, output: str) -> str:
        return context.place(product, output).key

    return _Facts(
        tables={locate_table(product, name): version for product, name, version in outputs.list_newest_versions(conn)},
        leased_tables={locate_table(*output) for output in leases.list_leased_outputs(conn)},
        leased=leases.list_live(conn),
        ended=leases.list_ended(conn),
        stages=versions.list_stage_ids(conn) | data_files.list_stage_ids(conn),
        commits={find_commit(get_name(name)) for name in versions.list_metadata_names(conn)},
        unrestored=unrestored_files.list_all(conn),
    )


def _require_explanation(context: Context, facts: _Facts, orphans: Sequence[str]) -> None:
    """Raises RecordFailed for orphans that show that the record is not, or not any more, this home's.

    A record that was lost, restored from an old backup or mistaken for another knows nothing of what it would remove.
    """
    strange = next(_find_unexplained(facts, orphans), None)
    if strange is None:
        return
    newest = facts.tables.get(find_table(strange))
    knows = "knows no such output" if newest is None else f"ends with version {newest} of that output"
    raise RecordFailed(
        f"nothing was removed: {locate(context.storage, strange)} belongs to a history that the record "
        f"{context.record.place} does not have; it {knows}",
        hint="restore the record that belongs to this home, or data-platform doctor --rebuild; "
        "what nobody needs, move out of the home",
    )


def _find_unexplained(facts: _Facts, orphans: Sequence[str]) -> Iterator[str]:
    for key in orphans:
        if find_stage(key) in facts.ended:
            continue
        newest, version = facts.tables.get(find_table(key)), find_version(key)
        if newest is None or (version is not None and version > newest):
            yield key


def _remove(context: Context, orphans: Sequence[str], size: int) -> None:
    if orphans:
        with context.record.transaction() as tx:  # first: files that are gone always have their entry
            details = {"files": len(orphans), "bytes": size}
            record_outcomes(context, tx, ActOutcome(EventKind.FILES_COLLECTED, FILES, details))
        remove(context.storage, orphans)
    with context.record.transaction() as tx:
        leases.remove_ended(tx, context.clock() - REMEMBERED)
        idempotency.remove_expired(tx, context.clock())
        quotas.remove_past(tx, context.clock())
