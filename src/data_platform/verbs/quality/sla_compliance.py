"""SLA compliance of a product: recorded publishes and reads, evaluated by `quality/sla`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from data_platform.quality.sla import (
    FRESHNESS_OBJECTIVE,
    Published,
    SlaWindow,
    load_zone,
    measure_availability,
    measure_freshness,
    parse_moment,
)
from data_platform.record.catalog import publish_log as publishes
from data_platform.record.catalog.publish_log import Port, PublishEntry
from data_platform.record.operations import probes
from data_platform.record.operations.usage import ReadCount
from data_platform.sentences import Sentence, make_sentence
from data_platform.spec.product.model import Output, Sla
from data_platform.verbs.results import SlaCompliance


def build_window(output: Output, now: datetime, days: int) -> SlaWindow:
    """The days of the output's own time zone."""
    return SlaWindow.from_days(now, days, load_zone(output.sla.effective_timezone))


def measure_compliance(
    conn: Connection, product: str, outputs: Iterable[Output], now: datetime, days: int
) -> Iterator[SlaCompliance]:
    """Every promise of these outputs, over their last days."""
    for output in outputs:
        window = build_window(output, now, days)
        if output.sla.freshness is not None:
            log = read_publish_log(conn, product, output.name, output.sla, window.begin)
            yield _measure_freshness(log, output.name, output.sla, window)
        if output.sla.availability is not None:
            counted = probes.count_attempts(conn, window.begin, product, output.name)
            yield _measure_availability(counted[0] if counted else None, output.name, output.sla)


def measure_promises(
    conn: Connection, promised: Mapping[Port, Output], now: datetime, days: int
) -> Iterator[tuple[Port, SlaCompliance]]:
    """The same of many outputs, by product and key, in two queries and one for each time zone."""
    windows = {port: build_window(output, now, days) for port, output in promised.items()}
    if not windows:
        return
    since, names = min(window.begin for window in windows.values()), {product for product, _ in promised}
    dated = {product for (product, _), output in promised.items() if output.sla.freshness_column is not None}
    published = publishes.group_since(conn, since, names)
    statistics = publishes.group_statistics(conn, since, dated) if dated else {}
    attempts = {
        begin: {(count.product, count.output): count for count in probes.count_attempts(conn, begin, among=names)}
        for begin in {window.begin for port, window in windows.items() if promised[port].sla.availability is not None}
    }
    for port, output in promised.items():
        window = windows[port]
        if output.sla.freshness is not None:
            log = _date_publishes(published.get(port, ()), statistics.get(port, {}), output.sla)
            yield port, _measure_freshness(log, output.name, output.sla, window)
        if output.sla.availability is not None:
            yield port, _measure_availability(attempts[window.begin].get(port), output.name, output.sla)


def read_publish_log(conn: Connection, product: str, output: str, sla: Sla, since: datetime) -> list[Published]:
    """The output's publishes since then and the last one before, oldest first, with the newest moment of their data."""
    entries = publishes.list_since(conn, product, output, since)
    if sla.freshness_column is None or not entries:
        return _date_publishes(entries, {}, sla)
    oldest = min(entry.version for entry in entries)
    return _date_publishes(entries, publishes.load_statistics(conn, product, output, oldest), sla)


def _date_publishes(
    entries: Sequence[PublishEntry], statistics: Mapping[int, Mapping[str, Any]], sla: Sla
) -> list[Published]:
    """Each publish with the newest moment of its data: of the declared column, else its own."""
    if sla.freshness_column is None:
        return [Published(entry.at, entry.at) for entry in entries]
    column, zone = sla.freshness_column, load_zone(sla.effective_timezone)
    return [
        Published(entry.at, parse_moment(statistics[entry.version].get(column, {}).get("max"), zone))
        for entry in entries
    ]


def _measure_freshness(log: Sequence[Published], output: str, sla: Sla, window: SlaWindow) -> SlaCompliance:
    promised = sla.freshness or timedelta(0)
    measured = measure_freshness(log, promised, window)
    age = None if measured.age is None else _state_age(measured.age)
    return SlaCompliance(
        output,
        "freshness",
        sla.freshness_text or str(promised),
        None if age is None else str(age),
        measured.met,
        objective=FRESHNESS_OBJECTIVE,
        compliance=measured.compliance,
        since=measured.since,
        budget=measured.budget,
        stale_at=measured.stale_at,
        gone_at=measured.gone_at,
        at_end=measured.at_end,
        newest_at=None if measured.age is None else window.now - measured.age,
        measured=age,
    )


def _measure_availability(counted: ReadCount | None, output: str, sla: Sla) -> SlaCompliance:
    target = sla.availability or 0.0
    (reads, failed, first) = (counted.reads, counted.failed, counted.first) if counted else (0, 0, None)
    measured = measure_availability(reads, failed, first, target)
    share = _state_reads(measured.reads - measured.failed, measured.reads) if measured.reads else None
    return SlaCompliance(
        output,
        "availability",
        sla.availability_text or f"{target:g}%",
        None if share is None else str(share),
        measured.met,
        objective=target,
        compliance=measured.compliance,
        since=measured.since,
        budget=measured.budget,
        measured=share,
    )


def _state_age(age: timedelta) -> Sentence:
    seconds = int(age.total_seconds())
    return make_sentence("sla.age", "{age} old", age=format_age(age), seconds=seconds)


def _state_reads(worked: int, reads: int) -> Sentence:
    return make_sentence("sla.reads", "{n} of {all} reads", n=f"{worked:,}", all=f"{reads:,}")


_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def format_age(age: timedelta) -> str:
    """An age in its two largest units, such as 1 day 4 hours."""
    rest, parts = max(int(age.total_seconds()), 0), []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}{'s' if count != 1 else ''}")
    return " ".join(parts[:2]) or "0 seconds"
