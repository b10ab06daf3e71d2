"""The quality of a product: promises, rules, scores and their trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from data_platform.sentences import Sentence

if TYPE_CHECKING:
    from data_platform.quality.score import DimensionScore
    from data_platform.quality.sla import Budget
    from data_platform.verbs.results.incidents import IncidentInfo
    from data_platform.verbs.results.keys import ErasedColumn


@dataclass(frozen=True, slots=True)
class SlaCompliance:
    """One promise of one output: as it is now, and over the window since `since`; None: not measured yet.

    `compliance` is the percentage of the time (freshness) or of the reads (availability) that kept the promise, and
    `objective` what it must reach. If nothing more is published, the data is stale from `stale_at`, the budget gone at
    `gone_at`, and `at_end` the compliance when the window ends. `measured` is the sentence of `actual`.
    `newest_at` is the newest moment of the data of a freshness promise.
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
    measured: Sentence | None = None
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """A rule's last finding: `value` was measured, and `operator threshold` (rows, or percent) was wanted.

    `last` are its last ten results, oldest first: passed, failed or error. `note` says it in words where number and
    bound say too little.
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
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedRule:
    """A rule that a refused publish failed; `rows` are up to 20 failing rows, with personal data masked."""

    status: RuleStatus
    rows: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedPublish:
    """A publish that was refused; `rules` are those that failed, and empty where a policy refused it.

    `shows_rows`: the caller may publish the output, and sees failing rows; for others there are none in `rules`.
    """

    id: int
    output: str
    at: datetime
    by: str
    rules: tuple[RefusedRule, ...]
    shows_rows: bool


@dataclass(frozen=True, slots=True)
class OutputScore:
    """What the newest version of an output scored when it was published, and by which rules in each dimension.

    `score` is None when no rule judged it. `timeliness` is what its freshness promise says now (0–100); it passes with
    time, and is no part of the score.
    """

    output: str
    version: int
    score: float | None
    dimensions: tuple[DimensionScore, ...]
    timeliness: float | None


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The mean score of the publishes that rules judged on one day."""

    day: date
    score: float
    publishes: int


@dataclass(frozen=True, slots=True)
class QualityMetrics:
    """A product's quality: score 0–100, each SLA, the trend, incidents of the last `window_days` days, newest first.

    The score is the mean over those of `scores` that rules judged; `first_day` is the first of the window's days.
    `erased` are columns whose values cannot be read in the versions up to one of theirs.
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
    erased: tuple[ErasedColumn, ...] = ()
