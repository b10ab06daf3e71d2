"""gc: removes what no version names and no lease protects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_platform.record import leases, versions
from data_platform.tables.orphans import commit_of, data_orphans, metadata_orphans, remove
from data_platform.verbs import auditing
from data_platform.verbs.auditing import Act
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.request import Request
from data_platform.verbs.results import Collected


@dataclass(frozen=True, slots=True)
class Collect(Request[Collected]):
    """Remove orphaned files; `dry_run` only counts them."""

    dry_run: bool = False


def collect(mesh: Mesh, request: Collect) -> Collected:
    """What was removed, or would be.

    Files are listed before the record is asked, so a stage that is promoted meanwhile is never taken for an orphan;
    a publish whose lease ran out finds it gone when it promotes, and fails cleanly.
    """
    permit(mesh, "collect", "tables")
    with mesh.record.transaction() as tx:
        leases.expire(tx, mesh.clock())
    files = list(_files(mesh.tables))
    with mesh.record.reading() as conn:
        stages = leases.live(conn) | versions.stage_ids(conn)
        commits = {commit_of(Path(name).name) for name in versions.metadata_names(conn)}
    young = mesh.clock().timestamp() - 3600
    orphans = [*data_orphans(files, stages), *metadata_orphans(files, commits, young)]
    size = sum(path.stat().st_size for path in orphans if path.exists())
    if orphans and not request.dry_run:
        with mesh.record.transaction() as tx:  # first: files that are gone always have their entry
            auditing.record(mesh, tx, Act.RETENTION, auditing.FILES, files=len(orphans), bytes=size)
        remove(orphans)
    return Collected(len(orphans), size, request.dry_run)


def _files(tables: Path) -> Iterator[Path]:
    return (path for path in tables.glob("*/*/*/*") if path.is_file())
