"""Judges a measured number by its rule, and masks the rows that are shown."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from data_platform.quality.verdict import Row, RuleResult
from data_platform.spec.rules.expectations.arguments import make_share_bound
from data_platform.spec.rules.model import Bound, Operator, Rule, Unit

MASK = "***"


def judge(
    rule: Rule, value: object = None, *, whole: object = None, error: str | None = None, rows: Sequence[Row] = ()
) -> RuleResult:
    """The rule's result: `error`, or a value that is no finite number, is never a pass.

    Of a rule in percent `value` is what was counted, and `whole` what is 100 %; its result has the percentage.
    """
    numbers = [value, whole] if rule.unit is Unit.PERCENT else [value]
    for number in numbers:
        if error is None and not _is_number(number):
            error = f"it gave {'NULL' if number is None else type(number).__name__} where a number is wanted"
    if error is not None or not isinstance(value, int | float):
        return RuleResult(rule, passed=False, error=error, rows=tuple(rows))
    if not isinstance(whole, int | float) or rule.unit is not Unit.PERCENT:
        return RuleResult(rule, passed=is_met(rule.bound, value), value=value, rows=tuple(rows))
    share = Fraction(value) / Fraction(max(whole, 1))
    return RuleResult(rule, passed=_is_share_met(rule, share), value=float(100 * share), rows=tuple(rows))


def _is_share_met(rule: Rule, share: Fraction) -> bool:
    """Whether the share, an exact number, is what it must be.

    The threshold is the nearest float to what was written, so the share is rounded to the nearest float too, once: a
    share that is what was written, or what Python makes of `5 / 7`, then equals it. `mostly` bounds the share of the
    right ones, which its percentage of wrong ones cannot always give back.
    """
    mostly = rule.declared.arguments.get("mostly") if rule.declared else None
    if isinstance(mostly, int | float) and rule.bound == make_share_bound(mostly):
        return float(1 - share) >= mostly
    return is_met(rule.bound, float(100 * share))


def is_met(bound: Bound, value: int | float) -> bool:
    """Whether the number is what it must be; between includes both ends."""
    low, high = bound.value if isinstance(bound.value, tuple) else (bound.value, bound.value)
    match bound.operator:
        case Operator.MUST_BE:
            return value == low
        case Operator.MUST_NOT_BE:
            return value != low
        case Operator.GREATER:
            return value > low
        case Operator.GREATER_OR_EQUAL:
            return value >= low
        case Operator.LESS:
            return value < low
        case Operator.LESS_OR_EQUAL:
            return value <= low
        case Operator.BETWEEN:
            return low <= value <= high
        case Operator.NOT_BETWEEN:
            return not low <= value <= high


def has_wrong_rows(result: RuleResult) -> bool:
    """Whether single rows are wrong: the rule counted more than it allows."""
    bound = result.rule.bound
    if result.passed or result.value is None or bound.operator not in _AT_MOST:
        return False
    most = bound.value[1] if isinstance(bound.value, tuple) else bound.value
    return result.value >= most


_AT_MOST = (Operator.MUST_BE, Operator.LESS, Operator.LESS_OR_EQUAL, Operator.BETWEEN)


def with_rows(result: RuleResult, rows: Iterable[Row], masked: Collection[str]) -> RuleResult:
    """The result with its failing rows, personal data masked."""
    return replace(result, rows=mask_rows(rows, masked))


def mask_rows(rows: Iterable[Row], masked: Collection[str]) -> tuple[Row, ...]:
    """The rows with every value of the `masked` columns (whatever their letter case) hidden, nulls left."""
    hidden = {name.casefold() for name in masked}
    return tuple({name: _mask_value(value, name.casefold() in hidden) for name, value in row.items()} for row in rows)


def _mask_value(value: object, hide: bool) -> object:
    return MASK if hide and value is not None else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
