"""Whether a product's data can be relied on now: one verdict, by the gravest reason there is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

_GRAVE = ("critical", "high")
_GOOD_SCORE, _FAIR_SCORE = 95, 80


class Trust(StrEnum):
    """How far the data can be relied on."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    UNKNOWN = "unknown"


class TrustReason(StrEnum):
    """Why it cannot be relied on without more ado."""

    INCIDENT = "incident"
    BROKEN_PROMISE = "broken_promise"
    ARCHIVED = "archived"
    LOW_SCORE = "low_score"
    DEPRECATED = "deprecated"
    UNPUBLISHED = "unpublished"
    UNJUDGED = "unjudged"


@dataclass(frozen=True, slots=True)
class TrustFacts:
    """What the verdict is made of.

    `severities` are those of the open incidents, `score` is 0–100 and None before rules judged anything, and
    `is_deprecated` says that all outputs are.
    """

    severities: Collection[str | None]
    breaks_promise: bool
    score: float | None
    is_published: bool
    is_archived: bool = False
    is_deprecated: bool = False


def is_grave(severity: str | None) -> bool:
    """Whether data with an open incident of that severity cannot be relied on."""
    return severity in _GRAVE


def judge_trust(facts: TrustFacts) -> tuple[Trust, TrustReason | None]:
    """The verdict, with its reason where it is not GOOD."""
    reasons = list(_list_reasons(facts))
    for level in (Trust.BAD, Trust.CAUTION, Trust.UNKNOWN):
        if reason := next((reason for one, reason in reasons if one is level), None):
            return level, reason
    return Trust.GOOD, None


def _list_reasons(facts: TrustFacts) -> Iterator[tuple[Trust, TrustReason]]:
    for severity in facts.severities:
        yield Trust.BAD if is_grave(severity) else Trust.CAUTION, TrustReason.INCIDENT
    if facts.breaks_promise:
        yield Trust.BAD, TrustReason.BROKEN_PROMISE
    if facts.is_archived:
        yield Trust.CAUTION, TrustReason.ARCHIVED
    if facts.score is not None and facts.score < _GOOD_SCORE:
        yield Trust.BAD if facts.score < _FAIR_SCORE else Trust.CAUTION, TrustReason.LOW_SCORE
    if facts.is_deprecated:
        yield Trust.CAUTION, TrustReason.DEPRECATED
    if not facts.is_published:
        yield Trust.UNKNOWN, TrustReason.UNPUBLISHED
    elif facts.score is None:
        yield Trust.UNKNOWN, TrustReason.UNJUDGED
