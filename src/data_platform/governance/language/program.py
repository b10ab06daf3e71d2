"""A condition ready to judge: its code, what it needs, and the words for what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from data_platform.governance.facts import Need
from data_platform.governance.language import views
from data_platform.governance.language.checker import Checked, check
from data_platform.governance.language.compiler import (
    Bound,
    Judge,
    compile_expression,
    compile_judge,
    variables,
)
from data_platform.governance.language.errors import LanguageError
from data_platform.governance.language.model import ListOf, Record
from data_platform.governance.language.parser import located, parse
from data_platform.governance.language.syntax import (
    And,
    Comparison,
    Condition,
    Containment,
    Count,
    Match,
    Membership,
    Not,
    Null,
    Operand,
    Or,
    Path,
    Truth,
    Unit,
)
from data_platform.spec.text.names import shown

MOST_VALUES = 5
_FACTS = {"f.product", "f.previous", "f.consumers", "f.undeclared_inputs"}

_LABELS: dict[str, Callable[[Any], str]] = {
    "output": lambda it: str(it.label),
    "column": views.path,
    "input": str,
    "promise": lambda it: str(it.property),
}


@dataclass(frozen=True, slots=True)
class Violation:
    """Where the condition is not true: the names of what the variables stand for, and why."""

    subject: str
    reason: str


class Program:
    """A condition that was checked, and judges any number of products."""

    def __init__(self, text: str, checked: Checked) -> None:
        self.text = text
        self.needs: frozenset[Need] = frozenset(checked.needs)
        self.warnings = tuple(checked.warnings)
        self._checked = checked
        self._variables = variables(checked)
        self._judge: Judge = compile_judge(checked)

    def violations(self, context: views.Context) -> list[Violation]:
        """Every place at which the condition is not true, in the contract's order; Missing when a fact is."""
        found: list[Bound] = []
        self._judge(context, found.append)
        return [Violation(self._subject(context, bound), self._reason(context, bound)) for bound in found]

    def _subject(self, context: views.Context, bound: Bound) -> str:
        names = (_label(variable.type, value) for variable, value in zip(self._variables, bound, strict=True))
        return ".".join(names) or context.facts.contract.product.name

    def _reason(self, context: views.Context, bound: Bound) -> str:
        parts = [part for part in self._parts if not part.holds(context, *bound)]
        return "; ".join(part.told(context, bound) for part in parts)

    @cached_property
    def _parts(self) -> list[_Part]:
        """The conditions that must all hold, each with the values it looks at; made when something first fails."""
        condition = self._checked.statement.condition
        parts = condition.conditions if isinstance(condition, And) else (condition,)
        return [_Part.of(self.text, self._checked, part) for part in parts]


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    holds: Callable[..., object]
    values: dict[str, Callable[..., object]]

    @classmethod
    def of(cls, text: str, checked: Checked, condition: Condition) -> _Part:
        own = {variable.code for variable in variables(checked)} | _FACTS
        values: dict[str, Callable[..., object]] = {}
        for operand in _operands(condition):
            if isinstance(operand, Path) and checked.paths[operand].base not in own:
                continue
            words = located(text, operand.span)
            if words not in values and len(values) < MOST_VALUES:
                values[words] = compile_expression(checked, lambda emitter, it=operand: emitter.operand(it))  # type: ignore[misc]
        holds = compile_expression(checked, lambda emitter: emitter.true(condition))
        return cls(located(text, condition.span), holds, values)

    def told(self, context: views.Context, bound: Bound) -> str:
        """`product.retention_days >= 30 does not hold: product.retention_days is 7`."""
        values = ", ".join(f"{name} {_said(value(context, *bound))}" for name, value in self.values.items())
        return f"{self.text} does not hold" + (f": {values}" if values else "")


def _operands(condition: Condition) -> Iterator[Operand]:
    """What a condition looks at, outside of aggregates over lists."""
    match condition:
        case And(conditions) | Or(conditions):
            for inner in conditions:
                yield from _operands(inner)
        case Not(inner):
            yield from _operands(inner)
        case Comparison(left, _, right, _) | Containment(left, right, _):
            yield from (operand for operand in (left, right) if isinstance(operand, Path | Count))
        case Membership(item, choices, _):
            yield from (operand for operand in (item, choices) if isinstance(operand, Path | Count))
        case Match(value, _, _) | Null(value, _) | Truth(value, _):
            yield from (operand for operand in (value,) if isinstance(operand, Path | Count))


def _label(kind: Unit | Record | ListOf, value: Any) -> str:
    if isinstance(kind, Record):
        return _LABELS.get(kind.name, lambda it: str(it.name))(value)
    return str(value)


def _said(value: object) -> str:
    match value:
        case None | () | []:
            return "is not declared"
        case str():
            return f"is {shown(value)}"
        case bool():
            return f"is {str(value).upper()}"
        case timedelta():
            return f"is {_duration(value)}"
        case list() | tuple() if all(isinstance(entry, str) for entry in value):
            more = ", …" if len(value) > MOST_VALUES else ""
            return f"is {', '.join(shown(str(entry)) for entry in value[:MOST_VALUES])}{more}"
        case list() | tuple():
            return f"has {len(value)} entries"
        case int() | float():
            return f"is {value}"
        case _:
            return "is declared"


def _duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if abs(seconds) >= length:
            number = round(seconds / length, 1)
            return f"{number:g} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"


def program(text: str) -> tuple[Program | None, list[LanguageError]]:
    """The program of a condition, or None with everything that is wrong with it."""
    try:
        checked = check(parse(text))
    except LanguageError as error:
        return None, [error]
    return (None, checked.problems) if checked.problems else (Program(text, checked), [])
