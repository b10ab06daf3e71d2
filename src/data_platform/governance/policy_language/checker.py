"""Checks a condition against the model: every name is known, every comparison is possible.

All problems are reported with their place in the text. Names are resolved: the variable that a path begins with, and
its attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from data_platform.governance.facts import Need
from data_platform.governance.policy_language import operands
from data_platform.governance.policy_language.errors import LanguageError
from data_platform.governance.policy_language.model import (
    RECORDS,
    ROOTS,
    Attribute,
    ListType,
    RecordType,
    Root,
    Type,
    describe_type,
)
from data_platform.governance.policy_language.syntax import (
    All,
    And,
    Any,
    ComparisonCondition,
    Condition,
    ContainmentCondition,
    Count,
    Identifier,
    Literal,
    Loop,
    MatchCondition,
    MembershipCondition,
    Not,
    NullCondition,
    Operand,
    Or,
    Path,
    ScalarType,
    Statement,
    TextSpan,
    TruthCondition,
)
from data_platform.spec.text.names import find_nearest, quote_text

MAX_LOOPS = 4
"""Maximum of nested loops, including the implicit ones of a bare `output` or `column`."""


@dataclass(frozen=True, slots=True)
class Variable:
    """The variable of a FOR, an aggregate, or a bare `output`; `code` is its name in the generated code."""

    name: str
    type: Type
    code: str


@dataclass(frozen=True, slots=True)
class ResolvedPath:
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
class CheckedStatement:
    """A statement with what its names mean; `implicit` are the loops of bare names, outermost first."""

    statement: Statement
    implicit: list[tuple[Variable, ResolvedPath]] = field(default_factory=list)
    paths: dict[Path, ResolvedPath] = field(default_factory=dict)
    variables: dict[Loop, Variable] = field(default_factory=dict)
    needs: set[Need] = field(default_factory=set)
    problems: list[LanguageError] = field(default_factory=list)
    warnings: list[LanguageError] = field(default_factory=list)


def check(statement: Statement) -> CheckedStatement:
    """The statement resolved, with all its problems and doubts."""
    checker = _Checker(CheckedStatement(statement))
    checker.check_statement()
    return checker.checked


class _Checker:
    def __init__(self, checked: CheckedStatement) -> None:
        self.checked = checked
        self._scope: list[Variable] = []
        self._bound_count = 0

    def check_statement(self) -> None:
        statement = self.checked.statement
        for loop in statement.loops:
            self._bind(loop)
        self._check_condition(statement.condition)

    # Conditions

    def _check_condition(self, condition: Condition) -> None:
        match condition:
            case And(conditions) | Or(conditions):
                for inner in conditions:
                    self._check_condition(inner)
            case Not(inner):
                self._check_condition(inner)
            case Any(loop):
                with self._enter_scope():
                    self._bind(loop)
            case All(loop, inner):
                with self._enter_scope():
                    self._bind(loop)
                    self._check_condition(inner)
            case (
                ComparisonCondition()
                | MembershipCondition()
                | ContainmentCondition()
                | MatchCondition()
                | NullCondition()
                | TruthCondition()
            ):
                self._check_leaf(condition)

    def _check_leaf(
        self,
        condition: ComparisonCondition
        | MembershipCondition
        | ContainmentCondition
        | MatchCondition
        | NullCondition
        | TruthCondition,
    ) -> None:
        try:
            match condition:
                case ComparisonCondition(left, sign, right, _):
                    operands.judge_comparison(self._resolve_operand(left), sign, self._resolve_operand(right))
                case MembershipCondition(item, Path() as path, _):
                    operands.judge_list_membership(self._resolve_operand(item), self._resolve_operand(path))
                case MembershipCondition(item, tuple() as choices, _):
                    operands.judge_membership(
                        self._resolve_operand(item), [self._resolve_operand(choice) for choice in choices]
                    )
                case ContainmentCondition(whole, part, _):
                    operands.judge_containment(self._resolve_operand(whole), self._resolve_operand(part))
                case MatchCondition(text, pattern, _):
                    operands.judge_match(self._resolve_operand(text), pattern)
                case NullCondition(value, span):
                    self._check_null(self._resolve_operand(value), span)
                case TruthCondition(value, _):
                    operands.judge_truth(self._resolve_operand(value))
        except LanguageError as error:
            self.checked.problems.append(error)

    def _check_null(self, value: operands.OperandValue, span: TextSpan) -> None:
        if value.literal is not None:
            raise LanguageError(value.span.start, "a literal value is never NULL", "name an attribute")
        if value.always:
            hint = "this part of the condition decides nothing"
            self.checked.warnings.append(LanguageError(span.start, f"{value.text} is never NULL", hint))

    # Values

    def _resolve_operand(self, operand: Operand) -> operands.OperandValue:
        match operand:
            case Literal(value, unit, span):
                return operands.OperandValue(
                    unit, format_literal(operand), span, literal=operand, always=value is not None
                )
            case Count(of, span):
                with self._enter_scope():
                    self._bind(of) if isinstance(of, Loop) else self._resolve_list(of)
                return operands.OperandValue(ScalarType.NUMBER, "count(…)", span, always=True)
            case Path(_, span):
                resolved = self._resolve_path(operand)
                return operands.OperandValue(
                    resolved.type, str(operand), span, resolved.choices, always=resolved.always
                )

    def _resolve_list(self, path: Path) -> ListType:
        resolved = self._resolve_path(path)
        if not isinstance(resolved.type, ListType):
            hint = operands.find_fitting_attributes(resolved.type, lambda kind: isinstance(kind, ListType), str(path))
            raise LanguageError(
                path.span.start, f"{path} is {describe_type(resolved.type)}, and a list is required here", hint
            )
        return resolved.type

    def _resolve_path(self, path: Path) -> ResolvedPath:
        head, *rest = path.names
        base = self._resolve_base(head, [name.text for name in rest])
        steps = list(base.steps)
        kind = base.type
        written = head.text
        for name in rest:
            step = self._resolve_attribute(kind, name, written)
            steps.append(step)
            kind = step.type
            written = f"{written}.{name.text}"
        resolved = ResolvedPath(base.base, base.base_type, base.base_always, tuple(steps))
        self.checked.needs |= {step.need for step in resolved.steps if step.need}
        self.checked.paths[path] = resolved
        return resolved

    def _resolve_attribute(self, kind: Type, name: Identifier, written: str) -> Attribute:
        at = name.span.start
        if isinstance(kind, ListType):
            entry = kind.element.name if isinstance(kind.element, RecordType) else "entry"
            hint = f"look at each: any({entry} IN {written} WHERE …), or FOR {entry} IN {written}"
            raise LanguageError(at, f"{written} is {describe_type(kind)} and has no `{name.text}`", hint)
        if not isinstance(kind, RecordType):
            raise LanguageError(
                at, f"{written} is {describe_type(kind)} and has no `{name.text}`", f"write {written} alone"
            )
        attributes = RECORDS[kind.name]
        if name.text not in attributes:
            near = find_nearest(name.text, attributes)
            hint = f"did you mean {written}.{near}?" if near else f"it has {', '.join(attributes)}"
            raise LanguageError(at, f"{describe_type(kind)} has no `{name.text}`", hint)
        return attributes[name.text]

    # Names

    def _resolve_base(self, name: Identifier, then: list[str]) -> ResolvedPath:
        variable = self._find_variable(name.text)
        if variable is not None:
            return ResolvedPath(variable.code, variable.type, True, ())
        root = ROOTS.get(name.text)
        if root is None:
            raise self._report_unknown(name)
        if root.need:
            self.checked.needs.add(root.need)
        if root.code is not None:
            return ResolvedPath(root.code, root.type, root.always, ())
        if root.via:
            return self._resolve_abbreviation(root, name)
        return self._resolve_implicit(root, name)

    def _resolve_abbreviation(self, root: Root, name: Identifier) -> ResolvedPath:
        """`schema` is `output.schema`; where a FOR names its output differently, the path must name it."""
        first, last = root.via
        if first == "output" and self._find_variable("output") is None:
            other = next((v for v in self._scope if v.type == RecordType("output")), None)
            if other is not None:
                raise LanguageError(name.span.start, f"`{name.text}` of which output?", f"write {other.name}.{last}")
        base = self._resolve_base(Identifier(first, name.span), [])
        step = self._resolve_attribute(base.type, Identifier(last, name.span), first)
        return ResolvedPath(base.base, base.base_type, base.base_always, (*base.steps, step))

    def _resolve_implicit(self, root: Root, name: Identifier) -> ResolvedPath:
        """A bare `output` or `column`: a loop around the whole condition."""
        variable = next((v for v, _ in self.checked.implicit if v.name == root.name), None)
        if variable is None:
            if root.name == "column" and any(v.type == RecordType("output") for v in self._scope):
                raise LanguageError(name.span.start, "`column` of which output?", "write FOR column IN … before it")
            first, last = root.entries
            base = self._resolve_base(Identifier(first, name.span), [])
            step = self._resolve_attribute(base.type, Identifier(last, name.span), first)
            path = ResolvedPath(base.base, base.base_type, base.base_always, (*base.steps, step))
            variable = Variable(root.name, root.type, f"e{len(self.checked.implicit)}")
            self.checked.implicit.append((variable, path))
            self._judge_depth(name.span)
        return ResolvedPath(variable.code, variable.type, True, ())

    def _find_variable(self, name: str) -> Variable | None:
        return next((variable for variable in reversed(self._scope) if variable.name == name), None)

    def _report_unknown(self, name: Identifier) -> LanguageError:
        names = [*(variable.name for variable in self._scope), *ROOTS]
        near = find_nearest(name.text, names)
        hint = f"did you mean {near}?" if near else f"a path begins with {', '.join(names)}"
        return LanguageError(name.span.start, f"there is no {quote_text(name.text)} here", hint)

    # Loops

    def _bind(self, loop: Loop) -> None:
        element: Type | None = None
        try:
            element = self._resolve_list(loop.path).element
            self._judge_name(loop.variable, element)
        except LanguageError as error:
            self.checked.problems.append(error)
        if element is None:
            return
        self._bound_count += 1
        variable = Variable(loop.variable.text, element, f"v{self._bound_count}")
        self.checked.variables[loop] = variable
        self._scope.append(variable)
        self._judge_depth(loop.span)
        if loop.where is not None:
            self._check_condition(loop.where)

    def _judge_name(self, name: Identifier, element: Type) -> None:
        if self._find_variable(name.text) is not None:
            raise LanguageError(name.span.start, f"`{name.text}` is already defined", "choose another name")
        root = ROOTS.get(name.text)
        if root is not None and (root.type != element or not root.entries):
            message = f"`{name.text}` is {root.meaning.replace('`', '')}, and cannot be {describe_type(element)}"
            raise LanguageError(name.span.start, message, "choose another name")

    def _judge_depth(self, span: TextSpan) -> None:
        if len(self._scope) + len(self.checked.implicit) > MAX_LOOPS:
            message = f"more than {MAX_LOOPS} loops within one another"
            self.checked.problems.append(LanguageError(span.start, message, "write several policies"))

    @contextmanager
    def _enter_scope(self) -> Iterator[None]:
        before = list(self._scope)
        try:
            yield
        finally:
            self._scope = before


def format_literal(literal: Literal) -> str:
    """A literal as a message shows it."""
    match literal.unit:
        case ScalarType.TEXT:
            return quote_text(str(literal.value))
        case ScalarType.PERCENTAGE:
            return f"{literal.value}%"
        case ScalarType.BOOLEAN | ScalarType.NULL:
            return str(literal.value).upper().replace("NONE", "NULL")
        case ScalarType.DURATION:
            return str(literal.value).removesuffix(", 0:00:00")
        case _:
            return str(literal.value)
