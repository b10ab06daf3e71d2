"""What verbs answer, in the mission text's shapes. Times are aware and in UTC; sizes are bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from data_platform.quality.score import DimensionScore
from data_platform.quality.sla import Budget
from data_platform.quality.verdict import Verdict
from data_platform.search.document import OutputEntry
from data_platform.search.question import Highlight


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
    """A publish that became visible: `version` counts 1, 2, 3 … per output, `location` is the table's folder.

    `warnings` are doubts that stopped nothing, such as personal data that the schema leaves unprotected.
    """

    success: bool
    product: str
    output: str
    version: int
    location: str
    rows: int
    quality: Verdict
    warnings: tuple[str, ...] = ()


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
    A node on its own way is a `cycle`; one whose further steps stand elsewhere, where it is nearer, comes `again`.
    """

    product: str
    output: str | None
    kind: str
    declared: bool
    version: int | None = None
    columns: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    cycle: bool = False
    again: bool = False
    steps: tuple[LineageNode, ...] = ()


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """Where a product's data (or that of one `output`) comes from and where it goes."""

    product: str
    upstream: tuple[LineageNode, ...]
    downstream: tuple[LineageNode, ...]
    output: str | None = None


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
class ProductHit:
    """A product found: what its card shows. Columns' types, rules, promises and lineage are in `show`.

    `outputs` have name, type and the names of columns. `match` is exact, prefix, elsewhere or fuzzy, None where no
    words were asked for; `highlights` are the texts that have the words, with the places where.
    """

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str
    outputs: tuple[OutputEntry, ...]
    quality_score: float | None
    usage_stats: UsageStats
    pii: bool
    match: str | None
    highlights: tuple[Highlight, ...]


class SearchResult(list[ProductHit]):
    """The page of hits, best first; `total` is how many there are in all.

    `facets` counts them by domain, tag, owner, status and type, where that was asked for.
    """

    def __init__(
        self, hits: Iterable[ProductHit] = (), total: int = 0, facets: Mapping[str, Mapping[str, int]] | None = None
    ) -> None:
        super().__init__(hits)
        self.total = total
        self.facets = facets or {}


@dataclass(frozen=True, slots=True)
class IncidentInfo:
    """Something that went wrong with an output, from its first occurrence to its end; `id` names it in commands.

    `severity` is low, medium, high or critical, and None in incidents older than severities.
    """

    id: int
    product: str
    output: str
    cause: str
    summary: str
    severity: str | None
    opened_at: datetime
    resolved_at: datetime | None
    occurrences: int
    last_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_by: str | None


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """One entry of a timeline: `kind` is opened, again, severity, acknowledged, comment or resolved."""

    at: datetime
    by: str
    kind: str
    text: str | None


@dataclass(frozen=True, slots=True)
class AffectedProduct:
    """A product that data of the output reaches, `distance` steps downstream; unregistered ones have no owner."""

    product: str
    domain: str | None
    owner: str | None
    distance: int


@dataclass(frozen=True, slots=True)
class AffectedReader:
    """Somebody who read the output in the last 30 days."""

    principal: str
    reads: int
    last_read: datetime


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An incident, what happened to it (oldest first), and its blast radius: whom it reaches as things are now."""

    incident: IncidentInfo
    timeline: tuple[IncidentEvent, ...]
    products: tuple[AffectedProduct, ...]
    readers: tuple[AffectedReader, ...]


@dataclass(frozen=True, slots=True)
class SlaCompliance:
    """One promise of one output: as it stands now, and over the window since `since`; None: not measured yet.

    `compliance` is the percentage of the time (freshness) or of the reads (availability) that kept the promise, and
    `objective` what it must reach. If nothing more is published, the data is stale from `stale_at`, the budget gone at
    `gone_at`, and `at_end` the compliance when the window ends.
    """

    output: str
    promise: str
    target: str
    actual: str | None
    met: bool | None
    objective: float
    compliance: float | None = None
    since: datetime | None = None
    budget: Budget | None = None
    stale_at: datetime | None = None
    gone_at: datetime | None = None
    at_end: float | None = None


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """A rule's last finding: `value` was measured, and `operator threshold` (rows, or percent) was wanted.

    `last` are its last ten results, oldest first: passed, failed or error.
    """

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
    dimension: str
    last: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutputScore:
    """What the newest version of an output scored when it was published, and by which rules in each dimension.

    `timeliness` is what its freshness promise says now (0–100); it passes with time, and is no part of the score.
    """

    output: str
    version: int
    score: float
    dimensions: tuple[DimensionScore, ...]
    timeliness: float | None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The mean score of the publishes judged on one day."""

    day: date
    score: float
    publishes: int


@dataclass(frozen=True, slots=True)
class QualityMetrics:
    """A product's quality: score 0–100, each SLA, the trend, incidents of the last `window_days` days, newest first.

    The score is the mean over `scores`; `first_day` is the first of the window's days.
    """

    product: str
    current_score: float | None
    sla_compliance: tuple[SlaCompliance, ...]
    quality_trend: tuple[TrendPoint, ...]
    incidents: tuple[IncidentInfo, ...]
    rules: tuple[RuleStatus, ...]
    scores: tuple[OutputScore, ...]
    window_days: int
    first_day: date


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


@dataclass(frozen=True, slots=True)
class OutboxInfo:
    """What a destination has not taken: `waiting` messages since `oldest`, and `refused` ones that are only kept.

    `next_try` is when the first of those waiting is due, `error` what the last failed try said.
    """

    destination: str
    waiting: int
    oldest: datetime | None
    next_try: datetime | None
    refused: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of sending did, in messages; `waiting` is what remains, for every destination."""

    sent: int
    failed: int
    refused: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick found and did: promises judged and broken, incidents opened, resolved and made graver.

    `leases` were ended because their time was up; `delivered` is what was sent of the outbox.
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
