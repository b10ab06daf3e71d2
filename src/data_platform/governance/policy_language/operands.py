"""Which values can be compared: a comparison that cannot be true, or has no meaning, is refused when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data_platform.governance.policy_language.errors import LanguageError
from data_platform.governance.policy_language.model import RECORDS, ListType, RecordType, Type, describe_type
from data_platform.governance.policy_language.regexes import compile_regex
from data_platform.governance.policy_language.syntax import Literal, ScalarType, TextSpan
from data_platform.spec.text.names import find_nearest, quote_text

_ORDERED = (ScalarType.NUMBER, ScalarType.PERCENTAGE, ScalarType.DURATION)


@dataclass(frozen=True, slots=True)
class OperandValue:
    """One side of a comparison: its type, and its words in a message."""

    type: Type
    text: str
    span: TextSpan
    choices: tuple[str, ...] = ()
    literal: Literal | None = None
    always: bool = False


def judge_comparison(left: OperandValue, sign: str, right: OperandValue) -> None:
    """LanguageError when `left sign right` has no meaning."""
    if left.literal is not None and right.literal is not None:
        raise LanguageError(left.span.start, "this compares two literal values", "name an attribute")
    for one, other in ((left, right), (right, left)):
        _refuse_null(one, other.text, sign)
        _refuse_whole(one)
    if left.type != right.type:
        raise _report_mismatch(left, right)
    if sign not in ("=", "!=") and left.type not in _ORDERED:
        raise LanguageError(
            left.span.start, f"{describe_type(left.type)} has no order", "compare with = or !=, or use MATCHES"
        )
    _judge_choice(left, right)
    _judge_choice(right, left)


def judge_membership(item: OperandValue, choices: Sequence[OperandValue]) -> None:
    """LanguageError when `item IN (choices)` has no meaning."""
    if item.literal is not None:
        raise LanguageError(item.span.start, "this compares two literal values", "name an attribute")
    _refuse_whole(item)
    for choice in choices:
        _refuse_null(choice, item.text, "=")
        if choice.type != item.type:
            raise _report_mismatch(item, choice)
        _judge_choice(item, choice)


def judge_list_membership(item: OperandValue, whole: OperandValue) -> None:
    """LanguageError when `item IN whole` has no meaning."""
    if not isinstance(whole.type, ListType):
        hint = f"write {item.text} = {whole.text}"
        raise LanguageError(whole.span.start, f"{whole.text} is {describe_type(whole.type)}, not a list", hint)
    judge_containment(whole, item)


def judge_containment(whole: OperandValue, part: OperandValue) -> None:
    """LanguageError when `whole CONTAINS part` has no meaning."""
    _refuse_null(part, whole.text, "CONTAINS")
    if isinstance(whole.type, ListType) and isinstance(whole.type.element, RecordType):
        entry = whole.type.element.name
        hint = f"write any({entry} IN {whole.text} WHERE …)"
        raise LanguageError(
            whole.span.start, f"{whole.text} is {describe_type(whole.type)}, which holds no single value", hint
        )
    wanted = whole.type.element if isinstance(whole.type, ListType) else whole.type
    if wanted is not ScalarType.TEXT:
        hint = f"write {whole.text} = {part.text}"
        raise LanguageError(whole.span.start, f"{whole.text} is {describe_type(whole.type)} and contains nothing", hint)
    if part.type is not ScalarType.TEXT:
        message = f"{whole.text} is {describe_type(whole.type)}, and {part.text} is {describe_type(part.type)}"
        raise LanguageError(part.span.start, message, "write a text in quotes" if part.literal else None)


def judge_match(text: OperandValue, pattern: Literal) -> None:
    """LanguageError when the value is not text, or the pattern not a regular expression of RE2."""
    if text.type is not ScalarType.TEXT:
        hint = find_fitting_attributes(text.type, lambda kind: kind is ScalarType.TEXT, text.text)
        raise LanguageError(text.span.start, f"{text.text} is {describe_type(text.type)}, and MATCHES wants text", hint)
    try:
        compile_regex(str(pattern.value))
    except ValueError as error:
        raise LanguageError(pattern.span.start, str(error)) from None


def judge_truth(value: OperandValue) -> None:
    """LanguageError when a value alone is not a condition."""
    if value.type is not ScalarType.BOOLEAN:
        hint = f"compare it, such as {value.text} IS NOT NULL" if value.literal is None else "compare it with something"
        raise LanguageError(
            value.span.start, f"{value.text} is {describe_type(value.type)}, and alone says nothing", hint
        )
    if value.literal is not None:
        raise LanguageError(value.span.start, f"{value.text} alone decides nothing", "name an attribute")


def find_fitting_attributes(kind: Type, wanted: Callable[[Type], bool], text: str) -> str | None:
    """A hint that names the attributes of a record that fit; None without any."""
    if not isinstance(kind, RecordType):
        return None
    names = [f"{text}.{attribute.name}" for attribute in RECORDS[kind.name].values() if wanted(attribute.type)]
    return f"write {' or '.join(names[:5])}" if names else None


def _refuse_null(value: OperandValue, other: str, sign: str) -> None:
    if value.literal is not None and value.literal.unit is ScalarType.NULL:
        negated = "NOT " if sign == "!=" else ""
        raise LanguageError(value.span.start, "nothing equals NULL", f"write {other} IS {negated}NULL")


def _refuse_whole(value: OperandValue) -> None:
    """LanguageError for a list or a record, which cannot be compared."""
    if isinstance(value.type, ListType):
        hint = f"write {value.text} CONTAINS …, or count({value.text})"
        raise LanguageError(value.span.start, f"{value.text} is {describe_type(value.type)}, not one value", hint)
    if isinstance(value.type, RecordType):
        other = find_fitting_attributes(value.type, lambda kind: isinstance(kind, ScalarType), value.text)
        raise LanguageError(value.span.start, f"{value.text} is {describe_type(value.type)}, not one value", other)


def _report_mismatch(left: OperandValue, right: OperandValue) -> LanguageError:
    one, other = (left, right) if right.literal is not None else (right, left)
    types = f"{one.text} is {describe_type(one.type)}, and {other.text} is {describe_type(other.type)}"
    return LanguageError(other.span.start, f"{types}: they cannot be compared", _explain_rewrite(one, other))


def _explain_rewrite(value: OperandValue, other: OperandValue) -> str | None:
    """How to write a literal so that it can be compared with the value."""
    literal = other.literal
    if literal is None:
        return None
    number = literal.value if literal.unit is ScalarType.NUMBER else None
    hints: dict[Type, str] = {
        ScalarType.TEXT: f"write '{literal.value}'",
        ScalarType.PERCENTAGE: f"write {99.9 if number is None else number}%",
        ScalarType.DURATION: f"write a duration, such as {30 if number is None else number} days",
        ScalarType.NUMBER: "write a number without a unit",
        ScalarType.BOOLEAN: "write TRUE or FALSE",
    }
    return hints.get(value.type)


def _judge_choice(value: OperandValue, other: OperandValue) -> None:
    if not value.choices or other.literal is None or other.literal.value in value.choices:
        return
    text = str(other.literal.value)
    raise LanguageError(other.span.start, f"{value.text} is never {quote_text(text)}", _explain_choice(value, text))


def _explain_choice(value: OperandValue, text: str) -> str:
    if text == "none":
        return f"write {value.text} IS NULL: what is none is NULL here"
    near = find_nearest(text, value.choices)
    return f"did you mean '{near}'?" if near else f"it is one of {', '.join(value.choices)}"
