"""What an output promises beside its schema, and which changes of it break those who rely on it.

Looser freshness or availability, a rule that is gone, demands less or no longer blocks, a key that is no key any more,
a topic that moved. What a rule measures may change: that is shown, not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, nextafter

from data_platform.spec.product import Output, OutputType, Product
from data_platform.spec.rules import Bound, Operator, Rule, Severity, demand


@dataclass(frozen=True, slots=True)
class Broken:
    """One promise that is kept no more: `name` within the output, such as `sla.freshness`, and the columns it is on."""

    kind: str
    name: str
    message: str
    columns: tuple[str, ...] = ()


def broken_promises(old: Product, new: Product, name: str) -> Iterator[Broken]:
    """Every promise of the output `name` that the change breaks; both products have it."""
    before, after = old.output(name), new.output(name)
    if before is None or after is None:
        return
    yield from _sla(before, after)
    yield from _key(before, after)
    for rule in before.rules:
        yield from _rule(rule, after.rules)
    if before.type is OutputType.STREAM and old.topic(before) != new.topic(after):
        moved = f"moved from the topic {old.topic(before)} to {new.topic(after)}, where nobody reads it yet"
        yield Broken("topic", "topic", moved)


def _sla(old: Output, new: Output) -> Iterator[Broken]:
    before, after = old.sla.freshness, new.sla.freshness
    if before is not None and (after is None or after > before):
        promised = new.sla.freshness_text or after or "nothing"
        message = f"was promised within {old.sla.freshness_text or before}, and now within {promised}"
        yield Broken("sla", "sla.freshness", message if after else f"{_was(old.sla.freshness_text or before)} no more")
    share, kept = old.sla.availability, new.sla.availability
    if share is not None and (kept is None or kept < share):
        message = f"was promised to {share:g} %, and now to {kept:g} %" if kept else f"{_was(f'{share:g} %')} no more"
        yield Broken("sla", "sla.availability", message)


def _was(promise: object) -> str:
    return f"{promise} was promised, and is"


def _key(old: Output, new: Output) -> Iterator[Broken]:
    if old.primary_key and not (new.primary_key and set(new.primary_key) <= set(old.primary_key)):
        key = ", ".join(old.primary_key)
        yield Broken("rule", "primary_key", f"rows are no longer unique by {key}", old.primary_key)


def _rule(old: Rule, rules: Sequence[Rule]) -> Iterator[Broken]:
    name = f"quality_rules.{old.name}"
    new = next((rule for rule in rules if rule.name == old.name), None)
    if new is None:
        if not any(rule.measure == old.measure and not list(_weaker(old, rule)) for rule in rules):
            yield Broken("rule", name, "the rule was removed", old.columns)
    else:
        for message in _weaker(old, new):
            yield Broken("rule", name, message, old.columns)


def _weaker(old: Rule, new: Rule) -> Iterator[str]:
    if old.severity is Severity.BLOCKING and new.severity is Severity.WARNING:
        yield "the rule blocked, and now only warns"
    if not _demands_as_much(old, new):
        before, after = (demand(r.bound.operator, r.bound.value, r.unit) for r in (old, new))
        yield f"the rule demanded {before}, and now {after}"


def _demands_as_much(old: Rule, new: Rule) -> bool:
    """Whether whatever the new rule lets pass, the old one let pass; rows and percent compare at none only."""
    old_allowed, new_allowed = _allowed(old.bound), _allowed(new.bound)
    if old.unit is not new.unit and new_allowed[-1][1] > 0:
        return False
    return all(any(low <= start and end <= high for low, high in old_allowed) for start, end in new_allowed)


Interval = tuple[float, float]
"""From and to, both included."""


def _allowed(bound: Bound) -> list[Interval]:
    """The measured values that a bound lets pass, in ascending order."""
    low, high = bound.value if isinstance(bound.value, tuple) else (bound.value, bound.value)
    allowed: dict[Operator, list[Interval]] = {
        Operator.MUST_BE: [(low, low)],
        Operator.MUST_NOT_BE: [(-inf, nextafter(low, -inf)), (nextafter(low, inf), inf)],
        Operator.GREATER: [(nextafter(low, inf), inf)],
        Operator.GREATER_OR_EQUAL: [(low, inf)],
        Operator.LESS: [(-inf, nextafter(low, -inf))],
        Operator.LESS_OR_EQUAL: [(-inf, low)],
        Operator.BETWEEN: [(low, high)],
        Operator.NOT_BETWEEN: [(-inf, nextafter(low, -inf)), (nextafter(high, inf), inf)],
    }
    return allowed[bound.operator]
