"""From a checked condition to Python code, compiled once.

Every condition has two expressions, made as they are needed: that it is *true*, and that it is *false*. A comparison
with NULL is neither, as in SQL; so a negation swaps the two, and nothing undeclared ever passes an ASSERT.

The code holds no text of a user: names are ours (`v1`, `e0`), attributes come from the model, values are constants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any as Anything

from data_platform.governance.language.checker import Checked, Resolved, Variable
from data_platform.governance.language.model import ListOf, Record
from data_platform.governance.language.regexes import compiled
from data_platform.governance.language.syntax import (
    All,
    And,
    Any,
    Comparison,
    Condition,
    Containment,
    Count,
    Literal,
    Loop,
    Match,
    Membership,
    Not,
    Null,
    Operand,
    Or,
    Path,
    Truth,
)
from data_platform.governance.language.views import HELPERS, Context

Bound = tuple[Anything, ...]
"""What the variables of a statement are bound to, from the outside to the inside."""

Judge = Callable[[Context, Callable[[Bound], None]], None]
_PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE = {"=": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Emitter:
    """Writes the expressions of one checked condition; `constants` is what they are run with."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._temporaries = 0
        self.constants: dict[str, object] = dict(HELPERS)

    # Conditions

    def true(self, condition: Condition) -> str:
        """An expression that is true exactly when the condition is."""
        return self._condition(condition, True)

    def _condition(self, condition: Condition, wanted: bool) -> str:
        """An expression that is true exactly when the condition is what is wanted; not when it is undecided by NULL."""
        match condition:
            case Not(inner):
                return self._condition(inner, not wanted)
            case And(conditions):
                return self._joined(conditions, wanted, "and" if wanted else "or")
            case Or(conditions):
                return self._joined(conditions, wanted, "or" if wanted else "and")
            case Any(loop):
                return self._any(loop, wanted)
            case All(loop, inner):
                variable, entries, chosen = self._loop(loop)
                held = self._condition(inner, wanted)
                return f"{'all' if wanted else 'any'}({held} for {variable} in {entries}{chosen})"
            case Comparison(left, sign, right, _):
                return self._values([left, right], (_PYTHON if wanted else _OPPOSITE)[sign])
            case Membership():
                return self._membership(condition, "in" if wanted else "not in")
            case Containment(whole, part, _):
                return self._values([part, whole], "in" if wanted else "not in")
            case Match(text, pattern, _):
                search = self._constant(compiled(str(pattern.value)).search)
                return self._with(text, lambda value: f"{search}({value}) is {'not ' * wanted}None")
            case Null(value, _):
                return self._null(value, wanted)
            case Truth(value, _):
                return self._with(value, lambda found: found if wanted else f"not {found}")

    def _membership(self, condition: Membership, sign: str) -> str:
        if isinstance(condition.choices, Path):
            return self._values([condition.item, condition.choices], sign)
        known = self._constant(frozenset(choice.value for choice in condition.choices))
        return self._with(condition.item, lambda value: f"{value} {sign} {known}")

    def _joined(self, conditions: Sequence[Condition], wanted: bool, word: str) -> str:
        return "(" + f" {word} ".join(self._condition(inner, wanted) for inner in conditions) + ")"

    def _any(self, loop: Loop, wanted: bool) -> str:
        variable, entries, _ = self._loop(loop)
        if loop.where is None:
            return f"bool({entries})" if wanted else f"(not {entries})"
        held = self._condition(loop.where, wanted)
        return f"{'any' if wanted else 'all'}({held} for {variable} in {entries})"

    def _loop(self, loop: Loop) -> tuple[str, str, str]:
        """Its variable, its entries, and the `if` that chooses among them."""
        chosen = "" if loop.where is None else f" if {self.true(loop.where)}"
        return self._checked.variables[loop].code, self.path(self._checked.paths[loop.path]), chosen

    def _null(self, value: Operand, wanted: bool) -> str:
        found = self.operand(value)
        if isinstance(value, Path) and isinstance(self._checked.paths[value].type, ListOf):
            return f"(not {found})" if wanted else f"bool({found})"
        return f"({found} is {'' if wanted else 'not '}None)"

    # Values

    def _values(self, operands: Sequence[Operand], sign: str) -> str:
        return self._with(operands[0], lambda one: self._with(operands[1], lambda other: f"{one} {sign} {other}"))

    def _with(self, operand: Operand, use: Callable[[str], str]) -> str:
        """The expression that `use` makes of the value, false when it is NULL."""
        found = self.operand(operand)
        if not isinstance(operand, Path) or self._never_null(operand):
            return f"({use(found)})"
        self._temporaries += 1
        value = f"t{self._temporaries}"
        return f"(({value} := {found}) is not None and {use(value)})"

    def _never_null(self, path: Path) -> bool:
        resolved = self._checked.paths[path]
        return resolved.always or isinstance(resolved.type, ListOf)

    def operand(self, operand: Operand) -> str:
        """The value of an operand."""
        match operand:
            case Path():
                return self.path(self._checked.paths[operand])
            case Literal():
                return self._constant(operand.value)
            case Count(of):
                return self._count(of)

    def _count(self, of: Loop | Path) -> str:
        if isinstance(of, Path):
            return f"len({self.path(self._checked.paths[of])})"
        variable, entries, chosen = self._loop(of)
        return f"sum(1 for {variable} in {entries}{chosen})"

    def path(self, resolved: Resolved) -> str:
        """The value that a path leads to: None, or an empty list, where something on the way is NULL."""
        code, certain, guards = resolved.base, resolved.base_always, []
        for step in resolved.steps:
            if not certain:
                guards.append(code)
            code = step.code.format(code)
            certain = step.always or not isinstance(step.type, Record)
        if not guards:
            return code
        nothing = "()" if isinstance(resolved.type, ListOf) else "None"
        return f"({nothing} if {' or '.join(f'{guard} is None' for guard in guards)} else {code})"

    def _constant(self, value: object) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name


def variables(checked: Checked) -> list[Variable]:
    """The variables of the statement itself, from the outside to the inside."""
    own = [checked.variables[loop] for loop in checked.statement.loops]
    return [*(variable for variable, _ in checked.implicit), *own]


def compile_judge(checked: Checked) -> Judge:
    """The function that hands on what the variables were bound to wherever the condition is not true."""
    emitter = Emitter(checked)
    lines = ["def judge(f, out):"]
    depth = 1
    for variable, path in checked.implicit:
        lines.append(f"{_tab(depth)}for {variable.code} in {emitter.path(path)}:")
        depth += 1
    for loop in checked.statement.loops:
        variable = checked.variables[loop]
        lines.append(f"{_tab(depth)}for {variable.code} in {emitter.path(checked.paths[loop.path])}:")
        depth += 1
        if loop.where is not None:
            lines.append(f"{_tab(depth)}if {emitter.true(loop.where)}:")
            depth += 1
    lines.append(f"{_tab(depth)}if not {emitter.true(checked.statement.condition)}:")
    bound = "".join(f"{variable.code}, " for variable in variables(checked))
    lines.append(f"{_tab(depth + 1)}out(({bound}))")
    judge: Judge = _function("\n".join(lines), "judge", emitter)
    return judge


def compile_expression(checked: Checked, write: Callable[[Emitter], str]) -> Callable[..., object]:
    """A function of the context and of what the variables are bound to, for one expression of the statement."""
    emitter = Emitter(checked)
    names = "".join(f", {variable.code}" for variable in variables(checked))
    function: Callable[..., object] = _function(f"def value(f{names}):\n return {write(emitter)}", "value", emitter)
    return function


def _tab(depth: int) -> str:
    return " " * depth


def _function(source: str, name: str, emitter: Emitter) -> Anything:
    code: CodeType = compile(source, "<policy>", "exec")
    names: dict[str, Anything] = {"__builtins__": {}, **emitter.constants}
    exec(code, names)  # noqa: S102  (our own code: it holds no text of a user)
    return names[name]
