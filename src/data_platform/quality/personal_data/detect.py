"""Finds the kind of personal data that a sample of a column's values looks like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data_platform.quality.personal_data.kinds import DETECTORS, Detector, PersonalKind

MOST_VALUES = 2_000
"""So many different values are looked at, the first of the sample."""

_PROBED, _RARE = 64, 0.1
"""A kind that most values have would be seen in so many of them, evenly spread, so that the others need no look."""

_CANDIDATE = re.compile(r"@|\d(?:\D{0,2}\d){6}|\d\.\d{1,3}\.|:[0-9A-Fa-f]*:|[A-Z]{6}\d\d", re.ASCII)
"""What all forms have, so that most text is passed over at once."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A kind of personal data in a sample: `matched` of `sampled` values, and the places of the first of them."""

    kind: PersonalKind
    matched: int
    sampled: int
    places: tuple[int, ...]

    @property
    def share(self) -> float:
        """The matching values in percent of the sampled ones."""
        return round(100 * self.matched / self.sampled, 1)


def detect(values: Sequence[str], places: int = 20) -> Detection | None:
    """The kind that most of the values match, if enough do; None where no kind is sure. It returns no value."""
    at: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        at.setdefault(value.strip(), []).append(place)
    at.pop("", None)
    candidates = [value for value in list(at)[:MOST_VALUES] if _CANDIDATE.search(value)]
    sampled = sum(len(at[value]) for value in list(at)[:MOST_VALUES])
    if not candidates:
        return None
    detections = (_apply(detector, candidates, at, sampled, places) for detector in DETECTORS)
    return max((detection for detection in detections if detection), key=lambda one: one.matched, default=None)


def _apply(
    detector: Detector, candidates: Sequence[str], at: dict[str, list[int]], sampled: int, places: int
) -> Detection | None:
    probe = candidates[:: len(candidates) // _PROBED + 1]
    if detector.least_share > _RARE and not any(map(detector.matches, probe)):
        return None
    matching = [value for value in candidates if detector.matches(value)]
    matched = sum(len(at[value]) for value in matching)
    if len(matching) < detector.least_values or matched < detector.least_share * sampled:
        return None
    first = sorted(place for value in matching for place in at[value])[:places]
    return Detection(detector.kind, matched, sampled, tuple(first))
