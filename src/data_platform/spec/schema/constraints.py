"""The constraints of a column in JSON Schema's words (2020-12 Validation, section 6), read, checked and written.

Each word belongs to a family of types; elsewhere it would demand nothing, so it is refused there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from data_platform.spec.rules.regexes import find_regex_problem
from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.types import NO_CONSTRAINTS, Constraints, DataType, Decimal, Kind, ListOf, Primitive
from data_platform.spec.text.json_document import JsonReport, Member

WORDS = {
    "enum": "enum",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "format": "format",
    "minItems": "min_items",
    "maxItems": "max_items",
    "uniqueItems": "unique_items",
}
CHECKED_FORMATS = ("uuid", "email", "uri", "hostname", "ipv4", "ipv6")
"""The formats of text that the platform can check."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_RANGE = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_TEXT = {"enum", "minLength", "maxLength", "pattern", "format"}
_ITEMS = {"minItems", "maxItems", "uniqueItems"}
_COUNTS = {"minLength", "maxLength", "minItems", "maxItems"}
_LOWER_UPPER = (
    ("minimum", "maximum"),
    ("minimum", "exclusiveMaximum"),
    ("exclusiveMinimum", "maximum"),
    ("exclusiveMinimum", "exclusiveMaximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
)


def to_words(constraints: Constraints) -> dict[str, Any]:
    """The constraints as JSON Schema keywords; what demands nothing is left out."""
    if constraints is NO_CONSTRAINTS:  # as most columns have it, of which a mesh has many
        return {}
    words: dict[str, Any] = {}
    for word, name in WORDS.items():
        value = getattr(constraints, name)
        if value is not None and value is not False:
            words[word] = list(value) if isinstance(value, tuple) else value
    return words


def from_words(words: Mapping[str, Any]) -> Constraints:
    """The constraints that `to_words` wrote; the words are trusted."""
    values: dict[str, Any] = {
        WORDS[word]: tuple(value) if isinstance(value, list) else value for word, value in words.items()
    }
    return Constraints(**values)


def list_applicable(kind: DataType) -> set[str]:
    """The words that mean something for a type."""
    match kind:
        case ListOf():
            return _ITEMS
        case Primitive(Kind.STRING):
            return _TEXT
        case Primitive(Kind.INT | Kind.LONG | Kind.FLOAT | Kind.DOUBLE):
            return {*_RANGE, "enum"}
        case Decimal():
            return _RANGE
        case Primitive(Kind.BOOLEAN):
            return {"enum"}
        case _:
            return set()


def read_constraints(words: Mapping[str, Member], kind: DataType, report: JsonReport) -> Constraints:
    """The constraints that a schema's keywords set for a column of type `kind`; problems go into the report."""
    allowed = list_applicable(kind)
    good: dict[str, Any] = {}
    for word in (word for word in WORDS if word in words):
        member = words[word]
        if word not in allowed:
            report.add(member.key, f"{word} demands nothing of a {kind}", f"remove {word}")
        elif problem := find_constraint_problem(word, member.node.to_plain(), kind):
            report.add(member.node, problem[0], problem[1])
        else:
            good[word] = member.node.to_plain()
    _check_order(words, good, report)
    if "enum" in good:
        good["enum"] = [value for value in good["enum"] if value is not None]
    return from_words(good) if good else NO_CONSTRAINTS


def _check_order(words: Mapping[str, Member], good: Mapping[str, Any], report: JsonReport) -> None:
    for lower, problem in order_problems(good):
        report.add(words[lower].node, problem)


def order_problems(good: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The lower ends that lie above their upper ends, each with what is wrong with it."""
    for lower, upper in _LOWER_UPPER:
        if lower in good and upper in good and good[lower] > good[upper]:
            yield lower, f"{lower} {good[lower]} is above {upper} {good[upper]}: nothing could pass"


Finding = tuple[str, str | None] | None


def find_constraint_problem(word: str, value: Any, kind: DataType) -> Finding:
    """What is wrong with the value of a word that applies to a type, and what to write instead; None when nothing."""
    if word in _COUNTS:
        fine = _is_int(value) and value >= 0
        problem = f"{word} is a whole number of 0 or more, not {show_value(value)}"
        return None if fine else (problem, suggest_number(value))
    return _CHECKS[word](value, kind)


def _check_bound(value: Any, kind: DataType) -> Finding:
    return None if _is_number(value) else (f"a bound is a number, not {show_value(value)}", suggest_number(value))


def _check_multiple(value: Any, kind: DataType) -> Finding:
    problem = f"multipleOf is a number above 0, not {show_value(value)}"
    return None if _is_number(value) and value > 0 else (problem, suggest_number(value))


def suggest_number(value: Any) -> str | None:
    """The hint for a number that is written as text; None for anything else."""
    is_text = isinstance(value, str) and _NUMBER.fullmatch(value.strip())
    return f"write {value.strip()} without quotes" if is_text else None


def _check_pattern(value: Any, kind: DataType) -> Finding:
    if not isinstance(value, str):
        return f"a pattern is text, not {show_value(value)}", None
    problem = find_regex_problem(value)
    return (problem, "patterns are RE2's: no look-around, no back references") if problem else None


def _format(value: Any, kind: DataType) -> Finding:
    if value in CHECKED_FORMATS:
        return None
    hint = suggest_name(value, CHECKED_FORMATS) if isinstance(value, str) else None
    formats = ", ".join(CHECKED_FORMATS)
    return f"format {show_value(value)} cannot be checked", hint or f"known for text: {formats}; else write a pattern"


def _check_unique(value: Any, kind: DataType) -> Finding:
    return None if isinstance(value, bool) else (f"uniqueItems is true or false, not {show_value(value)}", None)


def _check_enum(value: Any, kind: DataType) -> Finding:
    if not isinstance(value, list) or not any(item is not None for item in value):
        return f"enum is a list of values, not {show_value(value)}", None
    fits = _ENUM_VALUE[kind.kind] if isinstance(kind, Primitive) else _is_number
    strangers = [item for item in value if item is not None and not fits(item)]
    return (f"{show_value(strangers[0])} is not a {kind}", f"write values of type {kind}") if strangers else None


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def show_value(value: object) -> str:
    """A value for an error: short, and without characters that a terminal interprets."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


_ENUM_VALUE: dict[Kind, Callable[[Any], bool]] = {
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.INT: _is_int,
    Kind.LONG: _is_int,
    Kind.FLOAT: _is_number,
    Kind.DOUBLE: _is_number,
    Kind.STRING: lambda value: isinstance(value, str),
}
_CHECKS: dict[str, Callable[[Any, DataType], Finding]] = {
    "enum": _check_enum,
    "pattern": _check_pattern,
    "format": _format,
    "uniqueItems": _check_unique,
    "multipleOf": _check_multiple,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _check_bound),
}
