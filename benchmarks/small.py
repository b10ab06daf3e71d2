"""The one-row publish, warm: absolute, the 500th against the 10th, and what its event adds."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path

from benchmarks import events
from benchmarks.measure import Figure, seconds
from data_platform import DataProduct, Platform

PRODUCT = """\
name: tiny
domain: bench
owner: bench@example.org
outputs:
  - name: events
    type: table
    quality_rules:
      - {rule: no_null, sql: "SELECT COUNT(*) FROM events WHERE a IS NULL", threshold: 0}
"""


def figures(folder: Path) -> Iterator[Figure]:
    (folder / "product.yaml").write_text(PRODUCT)
    home = folder / "home"
    home.mkdir()
    with Platform.open(home) as platform:
        product = DataProduct(folder, platform)
        times = [seconds(lambda at=at: product.publish("events", [{"a": at, "b": "x"}])) for at in range(505)]
    warm, early, late = (statistics.median(times[a:b]) for a, b in ((5, 60), (6, 15), (495, 505)))
    yield Figure("publish of 1 row, warm", "absolute, p50", "≤ 60 ms", f"{warm * 1000:.0f} ms", warm <= 0.06)
    yield Figure("publish of 1 row, the 500th", "the 10th", "≤ 1.5", f"{late / early:.2f}", late / early <= 1.5)
    yield from events.figures(folder / "told", PRODUCT)
