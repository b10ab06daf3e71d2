"""A condition as it is written: a tree of frozen data, in which every part knows where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """The characters of the condition's text from `start` up to `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """A word that names a variable or an attribute."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Path:
    """A variable and the attributes that lead from it: `output.sla.freshness`."""

    names: tuple[Name, ...]
    span: Span

    def __str__(self) -> str:
        return ".".join(name.text for name in self.names)


class Unit(StrEnum):
    """What kind of value a literal is."""

    TEXT = "text"
    NUMBER = "number"
    PERCENTAGE = "percentage"
    DURATION = "duration"
    BOOLEAN = "boolean"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the text; a percentage's value is 99.9 for 99.9 %."""

    value: str | int | float | bool | timedelta | None
    unit: Unit
    span: Span


@dataclass(frozen=True, slots=True)
class Loop:
    """`variable IN path WHERE condition`: all that the path leads to and for which the condition is true."""

    variable: Name
    path: Path
    where: Condition | None
    span: Span


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are."""

    of: Loop | Path
    span: Span


Operand = Path | Literal | Count


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left sign right`; the sign is =, !=, <, <=, > or >=."""

    left: Operand
    sign: str
    right: Operand
    span: Span


@dataclass(frozen=True, slots=True)
class Membership:
    """`item IN (…)`, or IN the list that a path leads to."""

    item: Operand
    choices: tuple[Literal, ...] | Path
    span: Span


@dataclass(frozen=True, slots=True)
class Containment:
    """`whole CONTAINS part`: a list an item, or a text a part of it."""

    whole: Operand
    part: Operand
    span: Span


@dataclass(frozen=True, slots=True)
class Match:
    """`text MATCHES pattern`: the regular expression (RE2) is found in the text."""

    text: Operand
    pattern: Literal
    span: Span


@dataclass(frozen=True, slots=True)
class Null:
    """`value IS NULL`."""

    value: Operand
    span: Span


@dataclass(frozen=True, slots=True)
class Truth:
    """A path that stands for itself: `column.required`."""

    value: Operand
    span: Span


@dataclass(frozen=True, slots=True)
class Any:
    """Whether there is one."""

    loop: Loop
    span: Span


@dataclass(frozen=True, slots=True)
class All:
    """Whether the condition holds for each of them."""

    loop: Loop
    condition: Condition
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    """The condition is false."""

    condition: Condition
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    """All of them hold; there are two or more."""

    conditions: tuple[Condition, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    """One of them holds; there are two or more."""

    conditions: tuple[Condition, ...]
    span: Span


Condition = Comparison | Membership | Containment | Match | Null | Truth | Any | All | Not | And | Or


@dataclass(frozen=True, slots=True)
class Statement:
    """What a policy demands: for each of the loops, from the outside to the inside, the condition holds."""

    loops: tuple[Loop, ...]
    condition: Condition
    span: Span
