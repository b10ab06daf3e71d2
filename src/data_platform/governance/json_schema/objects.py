"""The parts of a JSON object or array as its schema declares them: named, by pattern or position, and the rest."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

from data_platform.governance.json_schema.shapes import SILENT, Undecidable

_HARMLESS = re.compile(r"\^?[\w-]*(?:(?:\.|\[[\w-]+\])?[*+]?)[\w-]*\$?")


def is_anything(schema: Any) -> bool:
    """Whether every value is valid."""
    return schema is True or (isinstance(schema, dict) and not set(schema) - SILENT)


def is_nothing(schema: Any) -> bool:
    """Whether no value is valid."""
    return schema is False or (isinstance(schema, dict) and "not" in schema and is_anything(schema["not"]))


@dataclass(frozen=True, slots=True)
class Demand:
    """The demands of one field's presence: other fields, and schemas of the whole object."""

    fields: frozenset[str] = frozenset()
    schemas: tuple[Any, ...] = ()


Dependents = Mapping[str, Demand]


def read_dependents(words: Mapping[str, Any]) -> Dependents:
    """The demands of each field's presence, by the keywords of draft-07 and 2020-12."""
    fields: defaultdict[str, set[str]] = defaultdict(set)
    schemas: defaultdict[str, list[Any]] = defaultdict(list)
    for word in ("dependencies", "dependentRequired", "dependentSchemas"):
        for name, demand in words.get(word, {}).items():
            if isinstance(demand, list):
                fields[name].update(demand)
            else:
                schemas[name].append(demand)
    return {name: Demand(frozenset(fields[name]), tuple(schemas[name])) for name in {**fields, **schemas}}


class ArrayItems:
    """An array's elements: the first ones of a tuple, and the rest; True and False as for schemas."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        items = words.get("items")
        self.first: list[Any] = items if isinstance(items, list) else words.get("prefixItems", [])
        rest = words.get("additionalItems") if isinstance(items, list) else items
        unevaluated = True if "contains" in words or "if" in words else words.get("unevaluatedItems", True)
        self.rest: Any = unevaluated if rest is None else rest

    def get_item(self, position: int) -> Any:
        """The schema of the element at a position."""
        return self.first[position] if position < len(self.first) else self.rest


class ObjectFields:
    """What an object's schema says of its fields; `others` is the schema of undeclared fields (True and False too)."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self.named: Mapping[str, Any] = words.get("properties", {})
        self.patterns: Mapping[str, Any] = words.get("patternProperties", {})
        self.required: frozenset[str] = frozenset(words.get("required", ()))
        self.others: Any = words.get("additionalProperties", words.get("unevaluatedProperties", True))
        if is_anything(self.others):
            self.patterns = {name: schema for name, schema in self.patterns.items() if not is_anything(schema)}

    def restrict_names(self, names: Collection[str]) -> Self:
        """The fields of objects that have no field but those of these names."""
        fields = copy(self)
        fields.named = {name: self.named[name] if name in self.named else self.find_unnamed(name) for name in names}
        fields.patterns, fields.others = {}, False
        return fields

    @property
    def is_open(self) -> bool:
        """Whether an undeclared field may have any value."""
        return not self.patterns and is_anything(self.others)

    @property
    def demanded(self) -> frozenset[str]:
        """The required fields without a default."""
        return frozenset(name for name in self.required if not self._has_default(name))

    def find_unnamed(self, name: str) -> Any:
        """The schema of a field that is not among the named ones."""
        for pattern, schema in self.patterns.items():
            if _is_match(pattern, name):
                return schema
        return self.others

    def _has_default(self, name: str) -> bool:
        schema = self.named.get(name)
        return isinstance(schema, dict) and "default" in schema


def drop_matching_pattern(words: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The keywords of a name without their `pattern`, if it matches; one that cannot be tried stays."""
    pattern = words.get("pattern")
    try:
        is_kept = not isinstance(pattern, str) or not _is_match(pattern, name)
    except (Undecidable, re.error):
        is_kept = True
    return words if is_kept else {word: value for word, value in words.items() if word != "pattern"}


def _is_match(pattern: str, name: str) -> bool:
    """Whether a name matches. Only patterns with linear cost are tried: letters, anchors and single repetitions."""
    if _HARMLESS.fullmatch(pattern) is None:
        raise Undecidable(f"the pattern {pattern} of patternProperties")
    return re.search(pattern, name) is not None
