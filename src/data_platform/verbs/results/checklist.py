"""How ready a product is, and how ready the products of a domain are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data_platform.governance.readiness import Point


@dataclass(frozen=True, slots=True)
class Readiness:
    """One product: the nine `points` of the production checklist, and the four `anti_patterns` (met: avoided)."""

    product: str
    domain: str
    owner: str
    status: str
    points: tuple[Point, ...]
    anti_patterns: tuple[Point, ...]
    met: int
    ready: bool


@dataclass(frozen=True, slots=True)
class DomainReadiness:
    """One domain: how many of its products are `ready`, and its `score`, the share of all points that hold (0–100).

    `missing` counts the products that miss a point, by the point's key, the most missed first.
    """

    domain: str
    products: int
    ready: int
    score: float
    missing: dict[str, int]
