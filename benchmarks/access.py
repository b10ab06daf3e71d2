"""Decisions about readers, on one core: over the policies of 200 products, and over 10,000 products."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from benchmarks.measure import Figure
from data_platform.access import cedar
from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.facts import DomainFacts, ResourceFacts
from data_platform.access.grants import AccessGrant
from data_platform.access.reading import Occasion
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.spec.access.filter_text import parse_row_filter
from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import (
    AccessSpec,
    ColumnClass,
    ReaderConditions,
    ReaderEntry,
    RowFilter,
    Visibility,
)
from data_platform.spec.access.stored import StoredAccess

NOW = datetime(2026, 11, 29, tzinfo=UTC)
OCCASION = Occasion(NOW, "fraud")
FEW, MANY, DECISIONS = 200, 10_000, 6_000
ROWS = RowFilter("region = principal.region", parse_row_filter("region = principal.region"))


def figures() -> Iterator[Figure]:
    """Processor time, of principals with three teams, a grant for each third product, and five entries of readers."""
    few = [_facts(number) for number in range(FEW)]
    readers = [_reader(number) for number in range(50)]
    pairs = [(readers[at % 50], at % FEW) for at in range(DECISIONS)]
    for facts in few:
        cedar.compile_lines(facts.find_access("t"))
    began = time.process_time()
    allowed = sum(_decide(reader, few[at]) for reader, at in pairs)
    rate = DECISIONS / (time.process_time() - began)
    work = f"decisions about readers, policies of {FEW} products, one core"
    yield Figure(work, "absolute", "≥ 3,000/s", f"{rate:,.0f}/s ({allowed / DECISIONS:.0%} allowed)", rate >= 3_000)
    cedar.compile_lines.cache_clear()
    many = [_facts(number) for number in range(MANY)]
    times = sorted(_time(readers[at % 50], many[at]) for at in range(MANY))
    first, last = median(times), times[MANY * 99 // 100]
    measured = f"{first * 1000:.2f} ms (p50), {last * 1000:.2f} ms (p99), each product for the first time"
    yield Figure(f"a decision about a reader, {MANY:,} products", "absolute", "< 1 ms", measured, last < 0.001)


def _time(reader: Principal, facts: ResourceFacts) -> float:
    began = time.process_time()
    _decide(reader, facts)
    return time.process_time() - began


def _decide(reader: Principal, facts: ResourceFacts) -> bool:
    return decide(reader, Action.CONSUME, Resource.of("orders", "t"), facts, OCCASION).allowed


def _reader(number: int) -> Principal:
    teams = frozenset(f"team-{(number * 7 + at) % 60}" for at in range(3))
    roles = frozenset([RoleGrant(Role.CONSUMER)])
    return Principal(f"reader-{number}", True, roles=roles, teams=teams, attributes=(("region", "EU"),))


def _facts(number: int) -> ResourceFacts:
    dice = random.Random(number)
    entries = tuple(
        ReaderEntry(
            ReaderConditions(teams=(f"team-{dice.randrange(60)}", f"team-{dice.randrange(60)}")),
            dice.choice([None, ColumnClass.ALL, ("id", f"column_{number}")]),
            ROWS if at % 2 else None,
            line=at + 10,
        )
        for at in range(5)
    )
    access = AccessSpec(Visibility.RESTRICTED, readers=entries, rows=ROWS, masks={"email": Mask(MaskKind.PARTIAL)})
    grant = AccessGrant("1", "orders", "t", f"reader-{number % 50}", "fraud", NOW, NOW + timedelta(days=1))
    outputs = {"": StoredAccess(), "t": StoredAccess.of(access)}
    domains = (DomainFacts("sales"),)
    return ResourceFacts(True, "shop", domains, outputs=outputs, grants=(grant,) if number % 3 == 0 else ())
