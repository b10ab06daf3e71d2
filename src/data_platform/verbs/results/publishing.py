"""What register and publish return, and published versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.quality.verdict import Verdict
    from data_platform.verbs.results.catalog import ColumnInfo
    from data_platform.verbs.results.quality import RuleStatus


@dataclass(frozen=True, slots=True)
class Registration:
    """What a register did: `created`, else `changes` in words (none: nothing changed); warnings never refuse."""

    product: str
    domain: str
    revision: int
    created: bool
    domain_created: bool = False
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether a new contract revision was recorded."""
        return self.created or bool(self.changes)


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did: `revision` of the environment `source` is what `registration` says in `target`."""

    source: str
    target: str
    revision: int
    registration: Registration


@dataclass(frozen=True, slots=True, repr=False)
class PublishResult:
    """A publish that became visible: `version` counts 1, 2, 3 … per output, `location` is the table's folder.

    A server names the folder relative to its home. `warnings` are doubts that stopped nothing, such as personal data
    that the schema leaves unprotected.
    """

    success: bool
    product: str
    output: str
    version: int
    location: str
    rows: int
    quality: Verdict
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        doubts = f", {len(self.warnings)} warnings" if self.warnings else ""
        subject = f"{self.product}.{self.output}#{self.version}"
        return f"PublishResult({subject}, {self.rows:,} rows, {self.quality.outcome}{doubts})"


@dataclass(frozen=True, slots=True)
class VersionQuality:
    """What the audit of one version measured: `score` is 0–100, None where no rule judged it.

    `outcome` is passed or warned; `rules` are all its rules with their values, their `last` is empty.
    """

    outcome: str
    score: float | None
    rules: tuple[RuleStatus, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing blocked: true of every version."""
        return self.outcome != "refused"

    @property
    def failures(self) -> tuple[RuleStatus, ...]:
        """The rules that did not pass; of a published version they are warnings."""
        return tuple(rule for rule in self.rules if not rule.passed)


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One data version of an output; `location` is the table's folder, `statistics` has one mapping a column.

    A server names paths relative to its home. `schema` are its columns in order. `quality` is None where no audit is
    recorded, as after a rebuild of the record. `rows` is None for a reader who does not see every
    row, `bytes` and `files` for one who does not see every value, and a column has no statistics for one who does not
    see its values.
    """

    product: str
    output: str
    version: int
    contract_version: str
    rows: int | None
    bytes: int | None
    files: int | None
    outcome: str
    published_at: datetime
    published_by: str
    metadata_location: str
    statistics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    location: str = ""
    schema: tuple[ColumnInfo, ...] = ()
    quality: VersionQuality | None = None
