"""Row filters: which rows a reader sees, as a small typed predicate over columns and attributes of the principal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from data_platform.spec.rules.predicates import Scalar


class Comparator(StrEnum):
    """The comparisons of a row filter."""

    EQUAL = "="
    UNEQUAL = "<>"
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class PrincipalAttribute:
    """An attribute of the principal that reads: `principal.region`."""

    name: str


@dataclass(frozen=True, slots=True)
class ColumnComparison:
    """A column compared with a constant or an attribute."""

    column: str
    comparator: Comparator
    operand: Scalar | PrincipalAttribute


@dataclass(frozen=True, slots=True)
class OneOf:
    """A column that has one of some values."""

    column: str
    operands: tuple[Scalar | PrincipalAttribute, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """A column without a value."""

    column: str


@dataclass(frozen=True, slots=True)
class Negation:
    """The opposite of a condition; it is unknown, and hides the row, where the condition is unknown."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every condition; without any, every row."""

    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one condition; without any, no row."""

    conditions: tuple[Condition, ...] = ()


Condition = ColumnComparison | OneOf | IsNull | Negation | AllOf | AnyOf
EVERY_ROW = AllOf()
NO_ROW = AnyOf()


def join_conditions(*conditions: Condition) -> Condition:
    """The condition that is met where all of them are."""
    needed = tuple(dict.fromkeys(one for one in conditions if one != EVERY_ROW))
    if NO_ROW in needed:
        return NO_ROW
    return needed[0] if len(needed) == 1 else AllOf(needed)


def unite_conditions(conditions: Collection[Condition]) -> Condition:
    """The condition that is met where one of them is."""
    if EVERY_ROW in conditions:
        return EVERY_ROW
    needed = tuple(dict.fromkeys(one for one in conditions if one != NO_ROW))
    return needed[0] if len(needed) == 1 else AnyOf(needed)


def bind_attributes(condition: Condition, attributes: Mapping[str, Scalar]) -> Condition:
    """The condition with the principal's attributes in it; NO_ROW where the principal lacks one of them."""
    try:
        return _bind(condition, attributes)
    except KeyError:
        return NO_ROW


def _bind(condition: Condition, attributes: Mapping[str, Scalar]) -> Condition:
    match condition:
        case ColumnComparison():
            return replace(condition, operand=_find_value(condition.operand, attributes))
        case OneOf():
            return replace(condition, operands=tuple(_find_value(one, attributes) for one in condition.operands))
        case Negation():
            return Negation(_bind(condition.condition, attributes))
        case AllOf():
            return AllOf(tuple(_bind(one, attributes) for one in condition.conditions))
        case AnyOf():
            return AnyOf(tuple(_bind(one, attributes) for one in condition.conditions))
        case IsNull():
            return condition


def _find_value(operand: Scalar | PrincipalAttribute, attributes: Mapping[str, Scalar]) -> Scalar:
    return attributes[operand.name] if isinstance(operand, PrincipalAttribute) else operand
