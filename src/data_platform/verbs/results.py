"""What verbs answer, in the mission text's shapes. Times are aware and in UTC; sizes are bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from data_platform.quality.verdict import Verdict


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
class PublishResult:
    """A publish that became visible: `version` counts 1, 2, 3 … per output, `location` is the table's folder."""

    success: bool
    product: str
    output: str
    version: int
    location: str
    rows: int
    quality: Verdict


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One data version of an output."""

    product: str
    output: str
    version: int
    contract_version: str
    rows: int
    bytes: int
    files: int
    outcome: str
    published_at: datetime
    published_by: str
    metadata_location: str
    statistics: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """One column of an output's contract; `encryption` is `none` where it was waived."""

    name: str
    type: str
    required: bool
    description: str | None
    tags: tuple[str, ...]
    encryption: str | None


@dataclass(frozen=True, slots=True)
class OutputMetadata:
    """One output as the catalog shows it; `version` is 0 before the first publish."""

    name: str
    type: str
    version: int
    rows: int | None
    published_at: datetime | None
    topic: str | None
    sla: Mapping[str, str]
    rules: tuple[str, ...]
    inferred: bool
    columns: tuple[ColumnInfo, ...]


@dataclass(frozen=True, slots=True)
class UsageStats:
    """How much a product is read: consumes in all, distinct principals, the last time."""

    views: int
    consumers: int
    last_read: datetime | None


@dataclass(frozen=True, slots=True)
class LineageNode:
    """One step up- or downstream, with its own further steps.

    `kind` is product or source; `declared` is true while only product.yaml says so and no data has come that way.
    """

    product: str
    output: str | None
    kind: str
    declared: bool
    version: int | None = None
    columns: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    cycle: bool = False
    steps: tuple[LineageNode, ...] = ()


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """Where a product's data comes from and where it goes."""

    product: str
    upstream: tuple[LineageNode, ...]
    downstream: tuple[LineageNode, ...]


@dataclass(frozen=True, slots=True)
class DataProductMetadata:
    """A product as the catalog shows it; `quality_score` is 0–100, None before anything was published."""

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str
    outputs: tuple[OutputMetadata, ...]
    quality_score: float | None
    usage_stats: UsageStats
    lineage: LineageGraph


@dataclass(frozen=True, slots=True)
class IncidentInfo:
    """Something that went wrong with an output, from its first occurrence to its end."""

    output: str
    cause: str
    summary: str
    opened_at: datetime
    resolved_at: datetime | None
    occurrences: int


@dataclass(frozen=True, slots=True)
class SlaCompliance:
    """One promise of one output, as it stands now; `met` is None where nothing can be measured yet."""

    output: str
    promise: str
    target: str
    actual: str | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """A rule's last finding: `value` was measured, and `operator threshold` (rows, or percent) was wanted."""

    output: str
    rule: str
    severity: str
    passed: bool
    value: float | int | None
    operator: str
    threshold: float | int | Sequence[float | int]
    unit: str
    error: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The mean score of the publishes judged on one day."""

    day: date
    score: float
    publishes: int


@dataclass(frozen=True, slots=True)
class QualityMetrics:
    """A product's quality: score 0–100 now, each SLA now, the last 30 days, incidents newest first."""

    product: str
    current_score: float | None
    sla_compliance: tuple[SlaCompliance, ...]
    quality_trend: tuple[TrendPoint, ...]
    incidents: tuple[IncidentInfo, ...]
    rules: tuple[RuleStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainInfo:
    """A domain and how many products it has."""

    name: str
    responsibility: str | None
    owner: str | None
    members: Sequence[str]
    products: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What gc removed (with `dry_run`: would remove)."""

    files: int
    bytes: int
    dry_run: bool
