"""What domains, gc, the outbox and the tick answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_platform.verbs.results.incidents import IncidentInfo
    from data_platform.verbs.results.runs import RunInfo


@dataclass(frozen=True, slots=True)
class DomainUsage:
    """What a domain uses: bytes of all versions, publishes that run now, seconds of queries in the last hour.

    Publishes and queries are counted where the domain has a quota for them. The quotas are None without a limit.
    """

    stored: int = 0
    publishes: int = 0
    query_seconds: float = 0.0
    stored_quota: int | None = None
    publishes_quota: int | None = None
    query_seconds_quota: int | None = None


@dataclass(frozen=True, slots=True)
class DomainInfo:
    """A domain and how many products it has; `revision` counts how often it was defined.

    `usage` is None for who neither belongs to the domain nor governs.
    """

    name: str
    responsibility: str | None
    owner: str | None
    members: Sequence[str]
    products: int
    usage: DomainUsage | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ProductStorage:
    """The bytes of all versions of a product, and how many versions of how many outputs these are."""

    product: str
    domain: str
    owner: str
    outputs: int
    versions: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What gc removed (with `dry_run`: would remove); behind the symlinks that were `skipped` it did not look.

    `kept` counts the files that no version named when the record was rebuilt, and that still exist.
    """

    files: int
    bytes: int
    dry_run: bool
    skipped: tuple[str, ...] = ()
    kept: int = 0


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds; `missing` are files that versions name and that the home does not have."""

    folder: str
    files: int
    bytes: int
    versions: int
    keys: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """The home that was made of a backup; without `keys` its encrypted columns cannot be read.

    `erased` keys were erased after the backup, and are erased here too. `erasure_lists` counts the other homes and
    backups of the mesh whose lists of erased keys were read: without one, later erasures are unknown.
    """

    home: str
    files: int
    bytes: int
    keys: bool
    erased: int = 0
    erasure_lists: int = 0


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A file of a version that is not as it was written, and how that was seen, or why it cannot be repaired.

    `is_data`: it holds rows, and cannot be rewritten. `whole` is the newest earlier version that was compared file
    by file and is whole, where data is damaged and there is one.
    """

    product: str
    output: str
    version: int
    path: str
    why: str
    is_data: bool = False
    whole: int | None = None

    @property
    def place(self) -> str:
        """The version, as commands take it."""
        return f"{self.product}.{self.output}#{self.version}"

    @property
    def remedy(self) -> str:
        """What helps."""
        if not self.is_data:
            return f"data-platform repair {self.product}.{self.output}"
        whole = f"; {self.product}.{self.output}#{self.whole} is whole and can be read" if self.whole else ""
        return f"restore a backup, or publish again{whole}"


@dataclass(frozen=True, slots=True)
class Repaired:
    """How many versions were examined, which files were `repaired`, and which are `lost` but for a backup.

    `data_files` were read and compared with their digests.
    """

    versions: int
    repaired: tuple[DamagedFile, ...]
    lost: tuple[DamagedFile, ...]
    data_files: int = 0


@dataclass(frozen=True, slots=True)
class UnreadableColumns:
    """Encrypted columns of an output that cannot be read.

    `reason` says why, and `remedy` how their keys come back; it is None where the columns were erased.
    """

    product: str
    output: str
    columns: tuple[str, ...]
    reason: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """How many of the outputs were looked at, and the damage of their newest versions.

    Of that many `data_files` size and times were compared; those that were `read` had changed, and were compared with
    their digests. `suspects` are older versions that were looked at because a check or a read of them had failed.
    `unreadable` are encrypted columns of the newest versions that have no key.
    """

    examined: int
    outputs: int
    damaged: tuple[DamagedFile, ...]
    data_files: int = 0
    read: int = 0
    suspects: int = 0
    unreadable: tuple[UnreadableColumns, ...] = ()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a record was rebuilt with; `unreadable` are broken metadata files, `lost` what no metadata holds.

    `gaps` are the numbers of the versions of each output that were not restored. `unexplained` counts the files that no
    restored version names; gc keeps them.
    """

    products: int
    outputs: int
    versions: int
    unreadable: tuple[str, ...]
    lost: tuple[str, ...]
    gaps: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unexplained: int = 0


@dataclass(frozen=True, slots=True)
class OutboxInfo:
    """What a destination has not taken: `waiting` messages since `oldest`, and `refused` ones that are only kept.

    `next_try` is when the first of those that failed is due (of all, while none failed), `error` what the last failed
    try of one of them said; `refusals` says why how many were refused, the commonest reason first.
    """

    destination: str
    waiting: int
    oldest: datetime | None
    next_try: datetime | None
    refused: int
    error: str | None
    refusals: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of sending did, in messages; `waiting` is what remains, for every destination.

    `cause` is the destination and the error of the first that was not taken, in this round or, where nothing was due,
    in the last; `next_try` is when the first of those that failed is due again.
    """

    sent: int
    failed: int
    refused: int
    waiting: int
    cause: str | None = None
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick found and did: promises judged and broken, incidents opened, resolved and made graver.

    `leases` were ended because their time was up, `lost_runs` because they were not heard from; `delivered` is what was
    sent of the outbox; `damaged` are files of the newest versions, of as many outputs as there was time for.
    """

    at: datetime
    products: int
    promises: int
    broken: int
    opened: tuple[IncidentInfo, ...]
    resolved: tuple[IncidentInfo, ...]
    graver: tuple[IncidentInfo, ...]
    leases: int
    delivered: Delivered
    damaged: tuple[DamagedFile, ...] = ()
    lost_runs: tuple[RunInfo, ...] = ()
