"""The visual language, shown by itself."""

from __future__ import annotations

from datetime import timedelta

from data_platform.server.portal.drawing.trend import draw_trend
from data_platform.server.portal.visit import PageContent, Visit
from data_platform.verbs.results import TrendPoint

COLOURS = ("paper", "sheet", "sunken", "ink", "soft", "line", "edge", "accent", "good", "warn", "bad", "mark")
DAYS = 30


def show_design(visit: Visit) -> PageContent:
    """The page at `/design`: type, colours with their meaning, and each part of a page in each of its states."""
    first = visit.now.date() - timedelta(days=DAYS - 1)
    points = [TrendPoint(first + timedelta(days=day), 99 - (day * 7) % 12, 1) for day in range(0, DAYS, 3)]
    return PageContent("design.html", {"colours": COLOURS, "trend": draw_trend(points, first, DAYS, visit.texts)})
