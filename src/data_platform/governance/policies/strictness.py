"""Whether a rule is at least as strict as another, as far as their texts prove it.

A condition is proved by its form alone: the same loops over no narrower `WHERE`, and an `ASSERT` that holds only where
the other's does. `ASSERT` and `WHERE` take TRUE alone, so implication of TRUE is enough, and NULL needs no case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from data_platform.governance.policy_language import syntax
from data_platform.governance.policy_language.parser import parse
from data_platform.governance.policy_language.syntax import (
    And,
    ComparisonCondition,
    Literal,
    Loop,
    MembershipCondition,
    Or,
    Statement,
    TextSpan,
)
from data_platform.spec.policies.policy import Condition, Evolution, PiiDetection, PolicyRuleSpec

_WEAKER_SIGNS: Mapping[str, tuple[str, ...]] = {
    "=": ("=", ">=", "<="),
    ">": (">", ">=", "!="),
    "<": ("<", "<=", "!="),
    ">=": (">=",),
    "<=": ("<=",),
    "!=": ("!=",),
}
"""What a comparison with a value implies of the same value."""


def is_as_strict(rule: PolicyRuleSpec | None, than: PolicyRuleSpec | None) -> bool:
    """Whether `rule` is proved to refuse everything that `than` refuses."""
    match rule, than:
        case (Condition(), Condition()):
            return rule.text == than.text or _is_statement_as_strict(parse(rule.text), parse(than.text))
        case (Evolution(), Evolution()):
            return rule.mode.is_at_least(than.mode) and _is_wait_as_long(rule, than)
        case (PiiDetection(), PiiDetection()):
            return rule.is_at_least(than)
    return rule == than


def is_same_rule(rule: PolicyRuleSpec | None, other: PolicyRuleSpec | None) -> bool:
    """Whether two rules differ in nothing but blanks and parentheses."""
    if isinstance(rule, Condition) and isinstance(other, Condition):
        return rule.text == other.text or _strip_places(parse(rule.text)) == _strip_places(parse(other.text))
    return rule == other


def _is_wait_as_long(rule: Evolution, than: Evolution) -> bool:
    """Whether an unread column is released no sooner."""
    if rule.unread_for is None:
        return True
    return than.unread_for is not None and rule.unread_for >= than.unread_for


def _is_statement_as_strict(rule: Statement, than: Statement) -> bool:
    if len(rule.loops) != len(than.loops):
        return False
    wide = all(_is_loop_as_wide(mine, other) for mine, other in zip(rule.loops, than.loops, strict=True))
    return wide and _is_implication(rule.condition, than.condition)


def _is_loop_as_wide(loop: Loop, other: Loop) -> bool:
    """Whether a loop visits all that another does."""
    if _strip_places((loop.variable, loop.path)) != _strip_places((other.variable, other.path)):
        return False
    return loop.where is None or (other.where is not None and _is_implication(other.where, loop.where))


def _is_implication(one: syntax.Condition, other: syntax.Condition) -> bool:
    """Whether `other` is TRUE wherever `one` is, proved by their form."""
    if _strip_places(one) == _strip_places(other):
        return True
    match one, other:
        case (_, And(conditions)):
            return all(_is_implication(one, condition) for condition in conditions)
        case (Or(conditions), _):
            return all(_is_implication(condition, other) for condition in conditions)
        case (And(conditions), _):
            return any(_is_implication(condition, other) for condition in conditions)
        case (_, Or(conditions)):
            return any(_is_implication(one, condition) for condition in conditions)
        case (ComparisonCondition(), ComparisonCondition()):
            return _is_comparison_implication(one, other)
        case (MembershipCondition(item, tuple() as few, _), MembershipCondition(same, tuple() as many, _)):
            choices, others = (set(map(_strip_places, values)) for values in (few, many))
            return bool(_strip_places(item) == _strip_places(same) and choices <= others)
        case (syntax.Any(mine), syntax.Any(theirs)):
            return _is_loop_as_wide(theirs, mine)
        case (syntax.All(mine, kept, _), syntax.All(theirs, wanted, _)):
            return _is_loop_as_wide(mine, theirs) and _is_implication(kept, wanted)
    return False


def _is_comparison_implication(one: ComparisonCondition, other: ComparisonCondition) -> bool:
    """`x >= 30` implies `x >= 10` and `x > 10`; values of one unit alone are compared."""
    mine, theirs = one.right, other.right
    if not isinstance(mine, Literal) or not isinstance(theirs, Literal) or mine.unit is not theirs.unit:
        return False
    if _strip_places(one.left) != _strip_places(other.left):
        return False
    if mine.value == theirs.value:
        return other.sign in _WEAKER_SIGNS[one.sign]
    try:
        above = bool(mine.value > theirs.value)  # type: ignore[operator]
    except TypeError:
        return False
    if above:
        return one.sign in ("=", ">", ">=") and other.sign in (">", ">=", "!=")
    return one.sign in ("=", "<", "<=") and other.sign in ("<", "<=", "!=")


def _strip_places(node: Any) -> Any:
    """A tree without its places."""
    if is_dataclass(node) and not isinstance(node, type):
        values = (getattr(node, field.name) for field in fields(node))
        return (type(node).__name__, *(_strip_places(value) for value in values if not isinstance(value, TextSpan)))
    return tuple(map(_strip_places, node)) if isinstance(node, tuple) else node
