"""Judges a condition against the model: every name known, every comparison possible.

All that is wrong is told, each with its place in the text. What is right is resolved: which variable a path begins
with, and by which attributes it goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from data_platform.governance.facts import Need
from data_platform.governance.language import operands
from data_platform.governance.language.errors import LanguageError
from data_platform.governance.language.model import (
    RECORDS,
    ROOTS,
    Attribute,
    ListOf,
    Record,
    Root,
    Type,
    said,
)
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
    Name,
    Not,
    Null,
    Operand,
    Or,
    Path,
    Span,
    Statement,
    Truth,
    Unit,
)
from data_platform.spec.text.names import nearest, shown

MAX_LOOPS = 4
"""Loops within one another, those that a bare `output` or `column` stands for among them."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What a FOR, an aggregate, or a bare `output` runs through; `code` is its name in the generated code."""

    name: str
    type: Type
    code: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a path begins (the code of a variable or of a root), and by which attributes it goes."""

    base: str
    base_type: Type
    base_always: bool
    steps: tuple[Attribute, ...]

    @property
    def type(self) -> Type:
        """What the path leads to."""
        return self.steps[-1].type if self.steps else self.base_type

    @property
    def choices(self) -> tuple[str, ...]:
        """The only texts that it can be; empty for any."""
        return self.steps[-1].choices if self.steps else ()

    @property
    def always(self) -> bool:
        """Whether it is never NULL."""
        return self.base_always and all(step.always for step in self.steps)


@dataclass
class Checked:
    """A statement with what its names mean; `implicit` are the loops that bare names stand for, from the outside."""

    statement: Statement
    implicit: list[tuple[Variable, Resolved]] = field(default_factory=list)
    paths: dict[Path, Resolved] = field(default_factory=dict)
    variables: dict[Loop, Variable] = field(default_factory=dict)
    needs: set[Need] = field(default_factory=set)
    problems: list[LanguageError] = field(default_factory=list)
    warnings: list[LanguageError] = field(default_factory=list)


def check(statement: Statement) -> Checked:
    """The statement resolved, with all its problems and doubts."""
    checker = _Checker(Checked(statement))
    checker.statement()
    return checker.checked


class _Checker:
    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self._scope: list[Variable] = []
        self._made = 0

    def statement(self) -> None:
        statement = self.checked.statement
        for loop in statement.loops:
            self._bind(loop)
        self._condition(statement.condition)

    # Conditions

    def _condition(self, condition: Condition) -> None:
        match condition:
            case And(conditions) | Or(conditions):
                for inner in conditions:
                    self._condition(inner)
            case Not(inner):
                self._condition(inner)
            case Any(loop):
                with self._inside():
                    self._bind(loop)
            case All(loop, inner):
                with self._inside():
                    self._bind(loop)
                    self._condition(inner)
            case Comparison() | Membership() | Containment() | Match() | Null() | Truth():
                self._leaf(condition)

    def _leaf(self, condition: Comparison | Membership | Containment | Match | Null | Truth) -> None:
        try:
            match condition:
                case Comparison(left, sign, right, _):
                    operands.judge_comparison(self._operand(left), sign, self._operand(right))
                case Membership(item, Path() as path, _):
                    operands.judge_list_membership(self._operand(item), self._operand(path))
                case Membership(item, tuple() as choices, _):
                    operands.judge_membership(self._operand(item), [self._operand(choice) for choice in choices])
                case Containment(whole, part, _):
                    operands.judge_containment(self._operand(whole), self._operand(part))
                case Match(text, pattern, _):
                    operands.judge_match(self._operand(text), pattern)
                case Null(value, span):
                    self._null(self._operand(value), span)
                case Truth(value, _):
                    operands.judge_truth(self._operand(value))
        except LanguageError as error:
            self.checked.problems.append(error)

    def _null(self, value: operands.Value, span: Span) -> None:
        if value.literal is not None:
            raise LanguageError(value.span.start, "a value that stands here is never NULL", "name an attribute")
        if value.always:
            hint = "this part of the condition decides nothing"
            self.checked.warnings.append(LanguageError(span.start, f"{value.text} is never NULL", hint))

    # Values

    def _operand(self, operand: Operand) -> operands.Value:
        match operand:
            case Literal(value, unit, span):
                return operands.Value(unit, shown_literal(operand), span, literal=operand, always=value is not None)
            case Count(of, span):
                with self._inside():
                    self._bind(of) if isinstance(of, Loop) else self._list(of)
                return operands.Value(Unit.NUMBER, "count(…)", span, always=True)
            case Path(_, span):
                found = self._path(operand)
                return operands.Value(found.type, str(operand), span, found.choices, always=found.always)

    def _list(self, path: Path) -> ListOf:
        found = self._path(path)
        if not isinstance(found.type, ListOf):
            hint = operands.among(found.type, lambda kind: isinstance(kind, ListOf), str(path))
            raise LanguageError(path.span.start, f"{path} is {said(found.type)}, and a list must stand here", hint)
        return found.type

    def _path(self, path: Path) -> Resolved:
        head, *rest = path.names
        base = self._base(head, [name.text for name in rest])
        steps = list(base.steps)
        kind = base.type
        written = head.text
        for name in rest:
            step = self._attribute(kind, name, written)
            steps.append(step)
            kind = step.type
            written = f"{written}.{name.text}"
        resolved = Resolved(base.base, base.base_type, base.base_always, tuple(steps))
        self.checked.needs |= {step.need for step in resolved.steps if step.need}
        self.checked.paths[path] = resolved
        return resolved

    def _attribute(self, kind: Type, name: Name, written: str) -> Attribute:
        at = name.span.start
        if isinstance(kind, ListOf):
            entry = kind.element.name if isinstance(kind.element, Record) else "entry"
            hint = f"look at each: any({entry} IN {written} WHERE …), or FOR {entry} IN {written}"
            raise LanguageError(at, f"{written} is {said(kind)} and has no `{name.text}`", hint)
        if not isinstance(kind, Record):
            raise LanguageError(at, f"{written} is {said(kind)} and has no `{name.text}`", f"write {written} alone")
        known = RECORDS[kind.name]
        if name.text not in known:
            near = nearest(name.text, known)
            hint = f"did you mean {written}.{near}?" if near else f"it has {', '.join(known)}"
            raise LanguageError(at, f"{said(kind)} has no `{name.text}`", hint)
        return known[name.text]

    # Names

    def _base(self, name: Name, then: list[str]) -> Resolved:
        variable = self._variable(name.text)
        if variable is not None:
            return Resolved(variable.code, variable.type, True, ())
        root = ROOTS.get(name.text)
        if root is None:
            raise self._unknown(name)
        if root.need:
            self.checked.needs.add(root.need)
        if root.code is not None:
            return Resolved(root.code, root.type, root.always, ())
        if root.via:
            return self._through(root, name)
        return self._each(root, name)

    def _through(self, root: Root, name: Name) -> Resolved:
        """`schema` is `output.schema`; where a FOR calls its output something else, it must say which."""
        first, last = root.via
        if first == "output" and self._variable("output") is None:
            other = next((v for v in self._scope if v.type == Record("output")), None)
            if other is not None:
                raise LanguageError(name.span.start, f"`{name.text}` of which output?", f"write {other.name}.{last}")
        base = self._base(Name(first, name.span), [])
        step = self._attribute(base.type, Name(last, name.span), first)
        return Resolved(base.base, base.base_type, base.base_always, (*base.steps, step))

    def _each(self, root: Root, name: Name) -> Resolved:
        """A bare `output` or `column`: a loop around the whole condition."""
        found = next((v for v, _ in self.checked.implicit if v.name == root.name), None)
        if found is None:
            if root.name == "column" and any(v.type == Record("output") for v in self._scope):
                raise LanguageError(name.span.start, "`column` of which output?", "write FOR column IN … before it")
            first, last = root.each
            base = self._base(Name(first, name.span), [])
            step = self._attribute(base.type, Name(last, name.span), first)
            path = Resolved(base.base, base.base_type, base.base_always, (*base.steps, step))
            found = Variable(root.name, root.type, f"e{len(self.checked.implicit)}")
            self.checked.implicit.append((found, path))
            self._judge_depth(name.span)
        return Resolved(found.code, found.type, True, ())

    def _variable(self, name: str) -> Variable | None:
        return next((variable for variable in reversed(self._scope) if variable.name == name), None)

    def _unknown(self, name: Name) -> LanguageError:
        known = [*(variable.name for variable in self._scope), *ROOTS]
        near = nearest(name.text, known)
        hint = f"did you mean {near}?" if near else f"a path begins with {', '.join(known)}"
        return LanguageError(name.span.start, f"there is no {shown(name.text)} here", hint)

    # Loops

    def _bind(self, loop: Loop) -> None:
        element: Type | None = None
        try:
            element = self._list(loop.path).element
            self._judge_name(loop.variable, element)
        except LanguageError as error:
            self.checked.problems.append(error)
        if element is None:
            return
        self._made += 1
        variable = Variable(loop.variable.text, element, f"v{self._made}")
        self.checked.variables[loop] = variable
        self._scope.append(variable)
        self._judge_depth(loop.span)
        if loop.where is not None:
            self._condition(loop.where)

    def _judge_name(self, name: Name, element: Type) -> None:
        if self._variable(name.text) is not None:
            raise LanguageError(name.span.start, f"`{name.text}` stands for something already", "choose another name")
        root = ROOTS.get(name.text)
        if root is not None and (root.type != element or not root.each):
            message = f"`{name.text}` is {root.meaning.replace('`', '')}, and cannot be {said(element)}"
            raise LanguageError(name.span.start, message, "choose another name")

    def _judge_depth(self, span: Span) -> None:
        if len(self._scope) + len(self.checked.implicit) > MAX_LOOPS:
            message = f"more than {MAX_LOOPS} loops within one another"
            self.checked.problems.append(LanguageError(span.start, message, "write several policies"))

    @contextmanager
    def _inside(self) -> Iterator[None]:
        before = list(self._scope)
        try:
            yield
        finally:
            self._scope = before


def shown_literal(literal: Literal) -> str:
    """A literal as a message shows it."""
    match literal.unit:
        case Unit.TEXT:
            return shown(str(literal.value))
        case Unit.PERCENTAGE:
            return f"{literal.value}%"
        case Unit.BOOLEAN | Unit.NULL:
            return str(literal.value).upper().replace("NONE", "NULL")
        case Unit.DURATION:
            return str(literal.value).removesuffix(", 0:00:00")
        case _:
            return str(literal.value)
