"""A compiled condition: its code, the facts it needs, and the texts of its violations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from data_platform.governance.facts import Need
from data_platform.governance.policy_language import views
from data_platform.governance.policy_language.checker import CheckedStatement, check
from data_platform.governance.policy_language.compiler import (
    Bound,
    Judge,
    compile_expression,
    compile_judge,
    list_variables,
)
from data_platform.governance.policy_language.errors import LanguageError
from data_platform.governance.policy_language.model import ListType, RecordType
from data_platform.governance.policy_language.parser import extract_text, parse
from data_platform.governance.policy_language.syntax import (
    And,
    ComparisonCondition,
    Condition,
    ContainmentCondition,
    Count,
    MatchCondition,
    MembershipCondition,
    Not,
    NullCondition,
    Operand,
    Or,
    Path,
    ScalarType,
    TruthCondition,
)
from data_platform.spec.text.names import quote_text

MOST_VALUES = 5
_FACTS = {"f.product", "f.previous", "f.consumers", "f.undeclared_inputs"}

_LABELS: dict[str, Callable[[Any], str]] = {
    "output": lambda output: str(output.label),
    "column": views.format_path,
    "input": str,
    "promise": lambda promise: str(promise.property),
}


@dataclass(frozen=True, slots=True)
class ConditionViolation:
    """A place where the condition is not true: the names of the variables' values, and the reason."""

    subject: str
    reason: str


class Program:
    """A checked condition that can judge any number of products."""

    def __init__(self, text: str, checked: CheckedStatement) -> None:
        self.text = text
        self.needs: frozenset[Need] = frozenset(checked.needs)
        self.warnings = tuple(checked.warnings)
        self._checked = checked
        self._variables = list_variables(checked)
        self._judge: Judge = compile_judge(checked)

    def find_violations(self, context: views.EvaluationContext) -> list[ConditionViolation]:
        """Every place at which the condition is not true, in the contract's order; Missing when a fact is."""
        bindings: list[Bound] = []
        self._judge(context, bindings.append)
        return [
            ConditionViolation(self._name_subject(context, bound), self._describe_reason(context, bound))
            for bound in bindings
        ]

    def _name_subject(self, context: views.EvaluationContext, bound: Bound) -> str:
        names = (_format_label(variable.type, value) for variable, value in zip(self._variables, bound, strict=True))
        return ".".join(names) or context.facts.contract.product.name

    def _describe_reason(self, context: views.EvaluationContext, bound: Bound) -> str:
        parts = [part for part in self._parts if not part.is_true(context, *bound)]
        return "; ".join(part.describe(context, bound) for part in parts)

    @cached_property
    def _parts(self) -> list[_Part]:
        """The conditions that must all hold, each with its values; built at the first violation."""
        condition = self._checked.statement.condition
        parts = condition.conditions if isinstance(condition, And) else (condition,)
        return [_Part.from_condition(self.text, self._checked, part) for part in parts]


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    is_true: Callable[..., object]
    values: dict[str, Callable[..., object]]

    @classmethod
    def from_condition(cls, text: str, checked: CheckedStatement, condition: Condition) -> _Part:
        own = {variable.code for variable in list_variables(checked)} | _FACTS
        values: dict[str, Callable[..., object]] = {}
        for operand in _list_operands(condition):
            if isinstance(operand, Path) and checked.paths[operand].base not in own:
                continue
            words = extract_text(text, operand.span)
            if words not in values and len(values) < MOST_VALUES:
                values[words] = compile_expression(checked, lambda emitter, it=operand: emitter.emit_operand(it))  # type: ignore[misc]
        is_true = compile_expression(checked, lambda emitter: emitter.emit_true(condition))
        return cls(extract_text(text, condition.span), is_true, values)

    def describe(self, context: views.EvaluationContext, bound: Bound) -> str:
        """`product.retention_days >= 30 does not hold: product.retention_days is 7`."""
        values = ", ".join(f"{name} {_describe_value(value(context, *bound))}" for name, value in self.values.items())
        return f"{self.text} does not hold" + (f": {values}" if values else "")


def _list_operands(condition: Condition) -> Iterator[Operand]:
    """The operands of a condition, without those inside aggregates over lists."""
    match condition:
        case And(conditions) | Or(conditions):
            for inner in conditions:
                yield from _list_operands(inner)
        case Not(inner):
            yield from _list_operands(inner)
        case ComparisonCondition(left, _, right, _) | ContainmentCondition(left, right, _):
            yield from (operand for operand in (left, right) if isinstance(operand, Path | Count))
        case MembershipCondition(item, choices, _):
            yield from (operand for operand in (item, choices) if isinstance(operand, Path | Count))
        case MatchCondition(value, _, _) | NullCondition(value, _) | TruthCondition(value, _):
            yield from (operand for operand in (value,) if isinstance(operand, Path | Count))


def _format_label(kind: ScalarType | RecordType | ListType, value: Any) -> str:
    if isinstance(kind, RecordType):
        return _LABELS.get(kind.name, lambda entry: str(entry.name))(value)
    return str(value)


def _describe_value(value: object) -> str:
    match value:
        case None | () | []:
            return "is not declared"
        case str():
            return f"is {quote_text(value)}"
        case bool():
            return f"is {str(value).upper()}"
        case timedelta():
            return f"is {_format_duration(value)}"
        case list() | tuple() if all(isinstance(entry, str) for entry in value):
            more = ", …" if len(value) > MOST_VALUES else ""
            return f"is {', '.join(quote_text(str(entry)) for entry in value[:MOST_VALUES])}{more}"
        case list() | tuple():
            return f"has {len(value)} entries"
        case int() | float():
            return f"is {value}"
        case _:
            return "is declared"


def _format_duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if abs(seconds) >= length:
            number = round(seconds / length, 1)
            return f"{number:g} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"


def compile_program(text: str) -> tuple[Program | None, list[LanguageError]]:
    """The program of a condition, or None with all of its problems."""
    try:
        checked = check(parse(text))
    except LanguageError as error:
        return None, [error]
    return (None, checked.problems) if checked.problems else (Program(text, checked), [])
