"""From a checked condition to Python code, compiled once.

Every condition has two expressions, made as they are needed: that it is *true*, and that it is *false*. A comparison
with NULL is neither, as in SQL; so a negation swaps the two, and nothing undeclared ever passes an ASSERT.

The code holds no text of a user: names are ours (`v1`, `e0`), attributes come from the model, values are constants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any as Anything

from data_platform.governance.policy_language.checker import CheckedStatement, ResolvedPath, Variable
from data_platform.governance.policy_language.model import ListType, RecordType
from data_platform.governance.policy_language.regexes import compile_regex
from data_platform.governance.policy_language.syntax import (
    All,
    And,
    Any,
    ComparisonCondition,
    Condition,
    ContainmentCondition,
    Count,
    Literal,
    Loop,
    MatchCondition,
    MembershipCondition,
    Not,
    NullCondition,
    Operand,
    Or,
    Path,
    TruthCondition,
)
from data_platform.governance.policy_language.views import HELPERS, EvaluationContext

Bound = tuple[Anything, ...]
"""What the variables of a statement are bound to, from the outside to the inside."""

Judge = Callable[[EvaluationContext, Callable[[Bound], None]], None]
_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE = {"=": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Emitter:
    """Writes the expressions of one checked condition; `constants` is what they are run with."""

    def __init__(self, checked: CheckedStatement) -> None:
        self._checked = checked
        self._temporaries = 0
        self.constants: dict[str, object] = dict(HELPERS)

    # Conditions

    def emit_true(self, condition: Condition) -> str:
        """An expression that is true exactly when the condition is."""
        return self._emit_condition(condition, True)

    def _emit_condition(self, condition: Condition, wanted: bool) -> str:
        """An expression that is true exactly when the condition is what is wanted; not when it is undecided by NULL."""
        match condition:
            case Not(inner):
                return self._emit_condition(inner, not wanted)
            case And(conditions):
                return self._join_conditions(conditions, wanted, "and" if wanted else "or")
            case Or(conditions):
                return self._join_conditions(conditions, wanted, "or" if wanted else "and")
            case Any(loop):
                return self._emit_any(loop, wanted)
            case All(loop, inner):
                variable, entries, chosen = self._emit_loop(loop)
                body = self._emit_condition(inner, wanted)
                return f"{'all' if wanted else 'any'}({body} for {variable} in {entries}{chosen})"
            case ComparisonCondition(left, sign, right, _):
                return self._emit_comparison([left, right], (_PYTHON if wanted else _OPPOSITE)[sign])
            case MembershipCondition():
                return self._emit_membership(condition, "in" if wanted else "not in")
            case ContainmentCondition(whole, part, _):
                return self._emit_comparison([part, whole], "in" if wanted else "not in")
            case MatchCondition(text, pattern, _):
                search = self._add_constant(compile_regex(str(pattern.value)).search)
                return self._guard_null(text, lambda value: f"{search}({value}) is {'not ' * wanted}None")
            case NullCondition(value, _):
                return self._emit_null(value, wanted)
            case TruthCondition(value, _):
                return self._guard_null(value, lambda code: code if wanted else f"not {code}")

    def _emit_membership(self, condition: MembershipCondition, sign: str) -> str:
        if isinstance(condition.choices, Path):
            return self._emit_comparison([condition.item, condition.choices], sign)
        choices = self._add_constant(frozenset(choice.value for choice in condition.choices))
        return self._guard_null(condition.item, lambda value: f"{value} {sign} {choices}")

    def _join_conditions(self, conditions: Sequence[Condition], wanted: bool, word: str) -> str:
        return "(" + f" {word} ".join(self._emit_condition(inner, wanted) for inner in conditions) + ")"

    def _emit_any(self, loop: Loop, wanted: bool) -> str:
        variable, entries, _ = self._emit_loop(loop)
        if loop.where is None:
            return f"bool({entries})" if wanted else f"(not {entries})"
        body = self._emit_condition(loop.where, wanted)
        return f"{'any' if wanted else 'all'}({body} for {variable} in {entries})"

    def _emit_loop(self, loop: Loop) -> tuple[str, str, str]:
        """Its variable, its entries, and the `if` that chooses among them."""
        chosen = "" if loop.where is None else f" if {self.emit_true(loop.where)}"
        return self._checked.variables[loop].code, self.emit_path(self._checked.paths[loop.path]), chosen

    def _emit_null(self, value: Operand, wanted: bool) -> str:
        code = self.emit_operand(value)
        if isinstance(value, Path) and isinstance(self._checked.paths[value].type, ListType):
            return f"(not {code})" if wanted else f"bool({code})"
        return f"({code} is {'' if wanted else 'not '}None)"

    # Values

    def _emit_comparison(self, operands: Sequence[Operand], sign: str) -> str:
        return self._guard_null(
            operands[0], lambda one: self._guard_null(operands[1], lambda other: f"{one} {sign} {other}")
        )

    def _guard_null(self, operand: Operand, use: Callable[[str], str]) -> str:
        """The expression that `use` makes of the value, false when it is NULL."""
        code = self.emit_operand(operand)
        if not isinstance(operand, Path) or self._is_never_null(operand):
            return f"({use(code)})"
        self._temporaries += 1
        value = f"t{self._temporaries}"
        return f"(({value} := {code}) is not None and {use(value)})"

    def _is_never_null(self, path: Path) -> bool:
        resolved = self._checked.paths[path]
        return resolved.always or isinstance(resolved.type, ListType)

    def emit_operand(self, operand: Operand) -> str:
        """The value of an operand."""
        match operand:
            case Path():
                return self.emit_path(self._checked.paths[operand])
            case Literal():
                return self._add_constant(operand.value)
            case Count(of):
                return self._emit_count(of)

    def _emit_count(self, of: Loop | Path) -> str:
        if isinstance(of, Path):
            return f"len({self.emit_path(self._checked.paths[of])})"
        variable, entries, chosen = self._emit_loop(of)
        return f"sum(1 for {variable} in {entries}{chosen})"

    def emit_path(self, resolved: ResolvedPath) -> str:
        """The value that a path leads to: None, or an empty list, where something on the way is NULL."""
        code, certain, guards = resolved.base, resolved.base_always, []
        for step in resolved.steps:
            if not certain:
                guards.append(code)
            code = step.code.format(code)
            certain = step.always or not isinstance(step.type, RecordType)
        if not guards:
            return code
        nothing = "()" if isinstance(resolved.type, ListType) else "None"
        return f"({nothing} if {' or '.join(f'{guard} is None' for guard in guards)} else {code})"

    def _add_constant(self, value: object) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name


def list_variables(checked: CheckedStatement) -> list[Variable]:
    """The variables of the statement itself, from the outside to the inside."""
    own = [checked.variables[loop] for loop in checked.statement.loops]
    return [*(variable for variable, _ in checked.implicit), *own]


def compile_judge(checked: CheckedStatement) -> Judge:
    """The function that passes on the variables' values at each place where the condition is not true."""
    emitter = Emitter(checked)
    lines = ["def judge(f, out):"]
    depth = 1
    for variable, path in checked.implicit:
        lines.append(f"{_make_indent(depth)}for {variable.code} in {emitter.emit_path(path)}:")
        depth += 1
    for loop in checked.statement.loops:
        variable = checked.variables[loop]
        lines.append(f"{_make_indent(depth)}for {variable.code} in {emitter.emit_path(checked.paths[loop.path])}:")
        depth += 1
        if loop.where is not None:
            lines.append(f"{_make_indent(depth)}if {emitter.emit_true(loop.where)}:")
            depth += 1
    lines.append(f"{_make_indent(depth)}if not {emitter.emit_true(checked.statement.condition)}:")
    bound = "".join(f"{variable.code}, " for variable in list_variables(checked))
    lines.append(f"{_make_indent(depth + 1)}out(({bound}))")
    judge: Judge = _compile_function("\n".join(lines), "judge", emitter)
    return judge


def compile_expression(checked: CheckedStatement, write: Callable[[Emitter], str]) -> Callable[..., object]:
    """A function of the context and of what the variables are bound to, for one expression of the statement."""
    emitter = Emitter(checked)
    names = "".join(f", {variable.code}" for variable in list_variables(checked))
    function: Callable[..., object] = _compile_function(
        f"def value(f{names}):\n return {write(emitter)}", "value", emitter
    )
    return function


def _make_indent(depth: int) -> str:
    return " " * depth


def _compile_function(source: str, name: str, emitter: Emitter) -> Anything:
    code: CodeType = compile(source, "<policy>", "exec")
    names: dict[str, Anything] = {"__builtins__": {}, **emitter.constants}
    exec(code, names)  # noqa: S102  (our own code: it holds no text of a user)
    return names[name]
