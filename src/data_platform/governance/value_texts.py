"""Values of a contract as text for messages, never in Python's notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields

from data_platform.spec.schema.types import NO_CONSTRAINTS, Constraints

_MOST = 80
"""Characters of a text or a list that are written out."""

WORDS = {
    "enum": "enum", "minimum": "minimum", "maximum": "maximum", "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum", "multiple_of": "multipleOf", "min_length": "minLength",
    "max_length": "maxLength", "pattern": "pattern", "format": "format", "min_items": "minItems",
    "max_items": "maxItems", "unique_items": "uniqueItems",
}  # fmt: skip
"""JSON Schema's words for the fields of Constraints."""


def write_value(value: object) -> str:
    """A value as it would be written in the file; long and nested values are counted."""
    match value:
        case None | False:
            return "false" if value is False else "none"
        case True:
            return "true"
        case str():
            return " ".join(value.split()) if len(value) <= _MOST else f"{' '.join(value.split())[:_MOST]}…"
        case Mapping():
            return _count(len(value)) if value else "none"
        case list() | tuple() | set() | frozenset():
            return _list(list(value))
    return str(value)


def _list(values: list[object]) -> str:
    if not values:
        return "none"
    simple = not any(isinstance(item, Mapping | list | tuple) for item in values)
    text = ", ".join(map(write_value, values)) if simple else ""
    return text if simple and len(text) <= _MOST else _count(len(values))


def _count(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


def list_constraints(constraints: Constraints) -> Iterator[tuple[str, object]]:
    """The constraints that are set, each under JSON Schema's keyword."""
    for field in fields(constraints):
        value = getattr(constraints, field.name)
        if value != getattr(NO_CONSTRAINTS, field.name):
            yield WORDS[field.name], value


def describe_constraints(before: Constraints, after: Constraints) -> Iterator[str]:
    """Every constraint that differs."""
    old, new = dict(list_constraints(before)), dict(list_constraints(after))
    for word in _merge_words(old, new):
        if old.get(word) != new.get(word):
            yield f"{word} {write_value(old.get(word))} → {write_value(new.get(word))}"


def _merge_words(*groups: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for words in groups for word in words))
