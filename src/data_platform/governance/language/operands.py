"""Which values can be compared with which: what cannot be true, or cannot be meant, is refused when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data_platform.governance.language.errors import LanguageError
from data_platform.governance.language.model import RECORDS, ListOf, Record, Type, said
from data_platform.governance.language.regexes import compiled
from data_platform.governance.language.syntax import Literal, Span, Unit
from data_platform.spec.text.names import nearest, shown

_ORDERED = (Unit.NUMBER, Unit.PERCENTAGE, Unit.DURATION)


@dataclass(frozen=True, slots=True)
class Value:
    """One side of a comparison: its type, and its words in a message."""

    type: Type
    text: str
    span: Span
    choices: tuple[str, ...] = ()
    literal: Literal | None = None
    always: bool = False


def judge_comparison(left: Value, sign: str, right: Value) -> None:
    """LanguageError when `left sign right` cannot be meant."""
    if left.literal is not None and right.literal is not None:
        raise LanguageError(left.span.start, "this compares two values that stand here", "name an attribute")
    for one, other in ((left, right), (right, left)):
        _refuse_null(one, other.text, sign)
        _refuse_whole(one)
    if left.type != right.type:
        raise _different(left, right)
    if sign not in ("=", "!=") and left.type not in _ORDERED:
        raise LanguageError(left.span.start, f"{said(left.type)} has no order", "compare with = or !=, or use MATCHES")
    _judge_choice(left, right)
    _judge_choice(right, left)


def judge_membership(item: Value, choices: Sequence[Value]) -> None:
    """LanguageError when `item IN (choices)` cannot be meant."""
    if item.literal is not None:
        raise LanguageError(item.span.start, "this compares two values that stand here", "name an attribute")
    _refuse_whole(item)
    for choice in choices:
        _refuse_null(choice, item.text, "=")
        if choice.type != item.type:
            raise _different(item, choice)
        _judge_choice(item, choice)


def judge_list_membership(item: Value, whole: Value) -> None:
    """LanguageError when `item IN whole` cannot be meant."""
    if not isinstance(whole.type, ListOf):
        hint = f"write {item.text} = {whole.text}"
        raise LanguageError(whole.span.start, f"{whole.text} is {said(whole.type)}, not a list", hint)
    judge_containment(whole, item)


def judge_containment(whole: Value, part: Value) -> None:
    """LanguageError when `whole CONTAINS part` cannot be meant."""
    _refuse_null(part, whole.text, "CONTAINS")
    if isinstance(whole.type, ListOf) and isinstance(whole.type.element, Record):
        entry = whole.type.element.name
        hint = f"write any({entry} IN {whole.text} WHERE …)"
        raise LanguageError(whole.span.start, f"{whole.text} is {said(whole.type)}, which holds no single value", hint)
    wanted = whole.type.element if isinstance(whole.type, ListOf) else whole.type
    if wanted is not Unit.TEXT:
        hint = f"write {whole.text} = {part.text}"
        raise LanguageError(whole.span.start, f"{whole.text} is {said(whole.type)} and contains nothing", hint)
    if part.type is not Unit.TEXT:
        message = f"{whole.text} is {said(whole.type)}, and {part.text} is {said(part.type)}"
        raise LanguageError(part.span.start, message, "write a text in quotes" if part.literal else None)


def judge_match(text: Value, pattern: Literal) -> None:
    """LanguageError when the value is no text, or the pattern no regular expression of RE2."""
    if text.type is not Unit.TEXT:
        hint = among(text.type, lambda kind: kind is Unit.TEXT, text.text)
        raise LanguageError(text.span.start, f"{text.text} is {said(text.type)}, and MATCHES wants text", hint)
    try:
        compiled(str(pattern.value))
    except ValueError as error:
        raise LanguageError(pattern.span.start, str(error)) from None


def judge_truth(value: Value) -> None:
    """LanguageError when a value cannot stand for itself."""
    if value.type is not Unit.BOOLEAN:
        hint = f"compare it, such as {value.text} IS NOT NULL" if value.literal is None else "compare it with something"
        raise LanguageError(value.span.start, f"{value.text} is {said(value.type)}, and alone says nothing", hint)
    if value.literal is not None:
        raise LanguageError(value.span.start, f"{value.text} alone decides nothing", "name an attribute")


def among(kind: Type, wanted: Callable[[Type], bool], text: str) -> str | None:
    """A hint: the attributes of a record that would do."""
    if not isinstance(kind, Record):
        return None
    names = [f"{text}.{attribute.name}" for attribute in RECORDS[kind.name].values() if wanted(attribute.type)]
    return f"write {' or '.join(names[:5])}" if names else None


def _refuse_null(value: Value, other: str, sign: str) -> None:
    if value.literal is not None and value.literal.unit is Unit.NULL:
        negated = "NOT " if sign == "!=" else ""
        raise LanguageError(value.span.start, "nothing equals NULL", f"write {other} IS {negated}NULL")


def _refuse_whole(value: Value) -> None:
    """Lists and records are no values to compare."""
    if isinstance(value.type, ListOf):
        hint = f"write {value.text} CONTAINS …, or count({value.text})"
        raise LanguageError(value.span.start, f"{value.text} is {said(value.type)}, not one value", hint)
    if isinstance(value.type, Record):
        other = among(value.type, lambda kind: isinstance(kind, Unit), value.text)
        raise LanguageError(value.span.start, f"{value.text} is {said(value.type)}, not one value", other)


def _different(left: Value, right: Value) -> LanguageError:
    one, other = (left, right) if right.literal is not None else (right, left)
    message = f"{one.text} is {said(one.type)}, and {other.text} is {said(other.type)}: they cannot be compared"
    return LanguageError(other.span.start, message, _instead(one, other))


def _instead(value: Value, other: Value) -> str | None:
    """How to write a literal so that it can be compared with the value."""
    literal = other.literal
    if literal is None:
        return None
    number = literal.value if literal.unit is Unit.NUMBER else None
    hints: dict[Type, str] = {
        Unit.TEXT: f"write '{literal.value}'",
        Unit.PERCENTAGE: f"write {99.9 if number is None else number}%",
        Unit.DURATION: f"write a duration, such as {30 if number is None else number} days",
        Unit.NUMBER: "write a number without a unit",
        Unit.BOOLEAN: "write TRUE or FALSE",
    }
    return hints.get(value.type)


def _judge_choice(value: Value, other: Value) -> None:
    if not value.choices or other.literal is None or other.literal.value in value.choices:
        return
    text = str(other.literal.value)
    raise LanguageError(other.span.start, f"{value.text} is never {shown(text)}", _choice(value, text))


def _choice(value: Value, text: str) -> str:
    if text == "none":
        return f"write {value.text} IS NULL: what is none is NULL here"
    near = nearest(text, value.choices)
    return f"did you mean '{near}'?" if near else f"it is one of {', '.join(value.choices)}"
