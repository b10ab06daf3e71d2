"""The trend of a quality score by day, as a line over the window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from data_platform.server.portal.catalogue import Catalogue
from data_platform.verbs.results import TrendPoint

WIDTH, HEIGHT = 640, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 18, 28


def draw_trend(points: Sequence[TrendPoint], first: date, days: int, texts: Catalogue) -> Markup | None:
    """The drawing of the scores (0–100) of `days` days from `first` on; None without a point."""
    if not points:
        return None
    lowest = 10 * (min(int(point.score) for point in points) // 10)
    lowest = min(lowest, 90)

    def place(point: TrendPoint) -> tuple[float, float]:
        share = (point.day - first).days / max(1, days - 1)
        height = (point.score - lowest) / (100 - lowest)
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT), _TOP + (1 - height) * (HEIGHT - _TOP - _BOTTOM)

    places = [place(point) for point in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = Markup().join(
        Markup('<circle class="dot" cx="{}" cy="{}" r="3"><title>{}</title></circle>').format(
            f"{x:.1f}", f"{y:.1f}", f"{texts.write_date(point.day)}: {point.score:.1f}"
        )
        for point, (x, y) in zip(points, places, strict=True)
    )
    label = texts("quality.trend_label", first=f"{points[0].score:.1f}", last=f"{points[-1].score:.1f}", days=days)
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{grid}'
        '<polyline class="trend" points="{line}"/>{dots}{dates}</svg>'
    ).format(
        width=WIDTH,
        height=HEIGHT,
        label=label,
        grid=_draw_grid(lowest),
        line=line,
        dots=dots,
        dates=_draw_dates(*(texts.write_date(day) for day in (first, first + timedelta(days=days - 1)))),
    )


def _draw_grid(lowest: int) -> Markup:
    lines = Markup()
    for value in (lowest, (lowest + 100) / 2, 100):
        y = _TOP + (1 - (value - lowest) / (100 - lowest)) * (HEIGHT - _TOP - _BOTTOM)
        lines += Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/><text class="soft" x="0" y="{text}">{}</text>'
        ).format(_LEFT, WIDTH - _RIGHT, f"{value:g}", y=f"{y:.1f}", text=f"{y + 4:.1f}")
    return lines


def _draw_dates(first: str, last: str) -> Markup:
    text = Markup('<text class="soft" x="{}" y="{}" text-anchor="{}">{}</text>')
    return text.format(_LEFT, HEIGHT - 6, "start", first) + text.format(WIDTH - _RIGHT, HEIGHT - 6, "end", last)
