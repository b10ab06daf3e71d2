"""Attributes of principals as they are written: `region=EU`, `level=3`, `is_internal=true`, `since=2026-01-31`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from data_platform.errors import BadInput

AttributeValue = str | int | Decimal | bool | date
"""The types of an attribute of a principal."""
PrincipalAttributes = tuple[tuple[str, AttributeValue], ...]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 1_000
_TYPES: Mapping[str, Callable[[str], AttributeValue]] = {
    "text": str,
    "integer": int,
    "number": Decimal,
    "boolean": lambda text: text == "true",
    "date": date.fromisoformat,
}


def parse_attribute(text: str) -> tuple[str, AttributeValue]:
    """The name and the value of `NAME=VALUE`; a value in single quotes is text. Raises BadInput."""
    name, equals, written = text.partition("=")
    if not equals or _NAME.fullmatch(name) is None:
        hint = "such as region=EU; a name has letters, digits and _, at most 63"
        raise BadInput(f"{text[:100]!a} is not NAME=VALUE", hint=hint)
    if not written or len(written) > _LONGEST or not written.isprintable():
        raise BadInput(f"the attribute {name} needs a value of 1-{_LONGEST:,} visible characters")
    return name, parse_value(written)


def parse_value(written: str) -> AttributeValue:
    """The value as it is meant: a number, true, false, a date, or else text, which single quotes make of anything."""
    if len(written) > 1 and written[0] == written[-1] == "'":
        return written[1:-1]
    if written in ("true", "false"):
        return written == "true"
    if _INTEGER.fullmatch(written):
        return int(written)
    if _NUMBER.fullmatch(written):
        return Decimal(written)
    try:
        return date.fromisoformat(written) if _DATE.fullmatch(written) else written
    except ValueError:
        return written


def write_attribute_value(value: AttributeValue) -> str:
    """The value as `parse_value` reads it: text that would be read as something else is in single quotes."""
    text = format_value(value)
    return f"'{text}'" if isinstance(value, str) and parse_value(text) != value else text


def format_value(value: AttributeValue) -> str:
    """The text of a value, from which `parse_typed` makes it again."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def name_type(value: AttributeValue) -> str:
    """The name of a value's type."""
    names = {bool: "boolean", int: "integer", Decimal: "number", date: "date"}
    return names.get(type(value), "text")


def parse_typed(kind: str, text: str) -> AttributeValue:
    """The value of a type from its text."""
    return _TYPES[kind](text)
