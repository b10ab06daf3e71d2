"""What recording adds to a publish and to a consume: the event, kept and queued for a receiver, and the audit entry."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from benchmarks.measure import Figure, seconds
from data_platform import DataProduct, Platform
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.publishing import promote
from data_platform.verbs.reading import consume

LIMIT = 0.002


def figures(folder: Path, product_yaml: str) -> Iterator[Figure]:
    home = folder / "home"
    home.mkdir(parents=True)
    (folder / "product.yaml").write_text(product_yaml)
    (home / "settings.toml").write_text('[openlineage]\nurl = "http://127.0.0.1:9"\n')
    with Platform.open(home) as platform:
        product = DataProduct(folder, platform)
        published = _times(promote, lambda at: product.publish("events", [{"a": at, "b": "x"}]))
        consumed = _times(consume, lambda _: platform.consume("tiny", "events"))
    for work, times in (("publish of 1 row", published), ("consume", consumed)):
        cost = statistics.median(times[5:])
        told = f"{cost * 1000:.1f} ms"
        yield Figure(f"the event and audit entry of a {work}, queued", "absolute, p50", "≤ 2 ms", told, cost <= LIMIT)


def _times(verb: ModuleType, work: Callable[[int], object]) -> list[float]:
    """What the recorder takes each time that the verb calls it."""
    real, times = record_outcomes, list[float]()

    def timed(*given: Any) -> None:
        times.append(seconds(lambda: real(*given)))

    with patch.object(verb, "record_outcomes", timed):
        for at in range(60):
            work(at)
    return times
