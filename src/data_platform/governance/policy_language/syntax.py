"""The syntax tree of a condition: frozen data, each part with its place in the text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TextSpan:
    """The characters of the condition's text from `start` up to `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Identifier:
    """A word that names a variable or an attribute."""

    text: str
    span: TextSpan


@dataclass(frozen=True, slots=True)
class Path:
    """A variable and the attributes that lead from it: `output.sla.freshness`."""

    names: tuple[Identifier, ...]
    span: TextSpan

    def __str__(self) -> str:
        return ".".join(name.text for name in self.names)


class ScalarType(StrEnum):
    """What kind of value a literal is."""

    TEXT = "text"
    NUMBER = "number"
    PERCENTAGE = "percentage"
    DURATION = "duration"
    BOOLEAN = "boolean"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal value; a percentage's value is 99.9 for 99.9 %."""

    value: str | int | float | bool | timedelta | None
    unit: ScalarType
    span: TextSpan


@dataclass(frozen=True, slots=True)
class Loop:
    """`variable IN path WHERE condition`: all that the path leads to and for which the condition is true."""

    variable: Identifier
    path: Path
    where: Condition | None
    span: TextSpan


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are."""

    of: Loop | Path
    span: TextSpan


Operand = Path | Literal | Count


@dataclass(frozen=True, slots=True)
class ComparisonCondition:
    """`left sign right`; the sign is =, !=, <, <=, > or >=."""

    left: Operand
    sign: str
    right: Operand
    span: TextSpan


@dataclass(frozen=True, slots=True)
class MembershipCondition:
    """`item IN (…)`, or IN the list that a path leads to."""

    item: Operand
    choices: tuple[Literal, ...] | Path
    span: TextSpan


@dataclass(frozen=True, slots=True)
class ContainmentCondition:
    """`whole CONTAINS part`: a list an item, or a text a part of it."""

    whole: Operand
    part: Operand
    span: TextSpan


@dataclass(frozen=True, slots=True)
class MatchCondition:
    """`text MATCHES pattern`: the regular expression (RE2) is found in the text."""

    text: Operand
    pattern: Literal
    span: TextSpan


@dataclass(frozen=True, slots=True)
class NullCondition:
    """`value IS NULL`."""

    value: Operand
    span: TextSpan


@dataclass(frozen=True, slots=True)
class TruthCondition:
    """A path as a condition: `column.required`."""

    value: Operand
    span: TextSpan


@dataclass(frozen=True, slots=True)
class Any:
    """Whether there is one."""

    loop: Loop
    span: TextSpan


@dataclass(frozen=True, slots=True)
class All:
    """Whether the condition holds for each of them."""

    loop: Loop
    condition: Condition
    span: TextSpan


@dataclass(frozen=True, slots=True)
class Not:
    """The condition is false."""

    condition: Condition
    span: TextSpan


@dataclass(frozen=True, slots=True)
class And:
    """All of them hold; there are two or more."""

    conditions: tuple[Condition, ...]
    span: TextSpan


@dataclass(frozen=True, slots=True)
class Or:
    """One of them holds; there are two or more."""

    conditions: tuple[Condition, ...]
    span: TextSpan


Condition = (
    ComparisonCondition
    | MembershipCondition
    | ContainmentCondition
    | MatchCondition
    | NullCondition
    | TruthCondition
    | Any
    | All
    | Not
    | And
    | Or
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a policy demands: for each of the loops, from the outside to the inside, the condition holds."""

    loops: tuple[Loop, ...]
    condition: Condition
    span: TextSpan
