"""The status of every promise of the mesh at one moment, in a handful of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data_platform.quality.sla import IN_USE, SlaWindow, find_newest_moment, load_zone, measure_availability
from data_platform.record.catalog import outputs, products, publish_log
from data_platform.record.catalog.publish_log import Port, PublishEntry
from data_platform.record.operations import probes
from data_platform.record.operations.incidents import Key
from data_platform.record.operations.usage import ReadCount
from data_platform.spec.product.model import Output, Sla
from data_platform.verbs.core.lookup.effective_contract import find_last_listing, is_listed
from data_platform.verbs.incidents.causes import AVAILABILITY_BROKEN, FRESHNESS_BROKEN, PAST_ITS_END
from data_platform.verbs.lifecycle.deprecate import list_readers
from data_platform.verbs.quality.report import DAYS
from data_platform.verbs.quality.sla_compliance import format_age


@dataclass
class SlaStatus:
    """`broken` has a sentence for each promise that does not hold, `unknown` those that cannot be measured.

    `versions` are those that were judged: a promise that is broken may be kept by a newer one. `measured` counts the
    promises of each product that can be measured. `to_probe` are published outputs that promise availability.
    """

    products: int = 0
    promises: int = 0
    broken: dict[Key, str] = field(default_factory=dict)
    unknown: set[Key] = field(default_factory=set)
    versions: dict[Port, int] = field(default_factory=dict)
    measured: Counter[str] = field(default_factory=Counter)
    to_probe: set[Port] = field(default_factory=set)

    def judge(self, key: Key, verdict: str | None, *, is_measured: bool) -> None:
        """Counts a promise; `verdict` says how it is broken, None that it holds."""
        self.promises += 1
        self.measured[key[0]] += is_measured
        if not is_measured:
            self.unknown.add(key)
        elif verdict is not None:
            self.broken[key] = verdict


def evaluate_slas(conn: Connection, now: datetime, among: Collection[str] | None = None) -> SlaStatus:
    """Every promise of the products in use; of these, or all."""
    promised = dict(list_promised(conn, among))
    newest = publish_log.map_newest(conn, among)
    dated = {product for (product, _), output in promised.items() if output.sla.freshness_column is not None}
    statistics = publish_log.load_newest_statistics(conn, dated)
    reads = _ReadCounts(conn, now, among)
    status = SlaStatus(len({product for product, _ in promised}))
    for port, output in promised.items():
        publish, sla = newest.get(port), output.sla
        if sla.freshness is not None:
            age_known, verdict = _check_freshness(sla, publish, statistics.get(port, {}), now)
            status.judge((*port, FRESHNESS_BROKEN), verdict, is_measured=age_known)
        if sla.availability is not None:
            reads_known, verdict = _check_availability(sla, reads.of(port, sla.effective_timezone))
            status.judge((*port, AVAILABILITY_BROKEN), verdict, is_measured=reads_known)
            if publish is not None:
                status.to_probe.add(port)
        if publish is not None:
            status.versions[port] = publish.version
    status.broken.update(_find_past_end(conn, now, among))
    return status


def _find_past_end(conn: Connection, now: datetime, among: Collection[str] | None) -> Iterator[tuple[Key, str]]:
    """Deprecated majors that should have gone by now, with who still reads them."""
    for row in outputs.list_past_end(conn, now, among):
        readers = list_readers(conn, row, now)
        label = f"{row.product}.{row.base}@{row.major}"
        still = f"{', '.join(map(str, readers))}" if readers else f"nobody reads it: data-platform retire {label}"
        yield (row.product, row.name, PAST_ITS_END), f"{label} was to end on {row.ends_at:%Y-%m-%d}; {still}"


def list_promised(
    conn: Connection, among: Collection[str] | None = None, statuses: Collection[str] = IN_USE
) -> Iterator[tuple[Port, Output]]:
    """The outputs that promise something, of products of these states; without rules, which take longest to read."""
    keys = outputs.map_later_majors(conn)
    closed = products.list_archived(conn)
    for row in products.list_all(conn) if among is None else products.list_named(conn, among):
        product = row.stored_contract.read_promises() if row.status in statuses and row.name not in closed else None
        if product is not None:
            for output in product.outputs:
                key = keys.get((row.name, output.name, product.major(output)), output.name)
                yield (row.name, key), output
    yield from _list_still_promised(conn, closed, among, statuses)


def _list_still_promised(
    conn: Connection, closed: Collection[str], among: Collection[str] | None, statuses: Collection[str]
) -> Iterator[tuple[Port, Output]]:
    """Majors that product.yaml lists no more, which are few: readers rely on the last contract that listed them."""
    for row in outputs.list_left_behind(conn, among):
        product = products.find(conn, row.product)
        if product is None or product.status not in statuses or product.name in closed:
            continue
        listing = None if is_listed(product.contract.product, row) else find_last_listing(conn, row)
        if listing is not None:
            yield (row.product, row.name), listing[1]


Verdict = tuple[bool, str | None]
"""Whether the promise can be measured, and how it is broken."""


def _check_freshness(sla: Sla, publish: PublishEntry | None, statistics: Mapping[str, Any], now: datetime) -> Verdict:
    newest = find_newest_moment(sla, publish.at, statistics) if publish else None
    if publish is None or newest is None or sla.freshness is None:
        return False, None
    age = now - min(newest, publish.at)
    if age <= sla.freshness:
        return True, None
    return True, f"the newest data is {format_age(age)} old, {sla.freshness_text or sla.freshness} was promised"


class _ReadCounts:
    """How often each output was read, and how often that failed, over the window of its zone."""

    def __init__(self, conn: Connection, now: datetime, among: Collection[str] | None) -> None:
        self._conn, self._now, self._among = conn, now, among
        self._known: dict[str, dict[Port, ReadCount]] = {}

    def of(self, port: Port, zone: str) -> ReadCount | None:
        """The output's reads; all outputs of one zone are counted by one query."""
        if zone not in self._known:
            window = SlaWindow.from_days(self._now, DAYS, load_zone(zone))
            counted = probes.count_attempts(self._conn, window.begin, among=self._among)
            self._known[zone] = {(entry.product, entry.output): entry for entry in counted}
        return self._known[zone].get(port)


def _check_availability(sla: Sla, counted: ReadCount | None) -> Verdict:
    if counted is None or sla.availability is None:
        return False, None
    measured = measure_availability(counted.reads, counted.failed, counted.first, sla.availability)
    if measured.met:
        return True, None
    promised = sla.availability_text or f"{sla.availability:g}%"
    return True, f"{measured.failed:,} of {measured.reads:,} reads failed in {DAYS} days, {promised} was promised"
