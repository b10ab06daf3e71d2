"""Two sets of JSON Schema keywords as one set that demands both (`allOf`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from data_platform.governance.json_schema.bounds import json_key

SILENT = {
    "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
    "readOnly", "writeOnly", "deprecated",
}  # fmt: skip
"""Keywords that demand nothing."""
_NEVER = object()


class Undecidable(Exception):
    """A schema says what cannot be compared; the message says what."""


def merge_words(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | None:
    """Both sets of demands as one; None where no value meets both. What cannot be one set is Undecidable."""
    merged = {**other, **one}
    for word in [word for word in one if word in other]:
        mine, theirs = one[word], other[word]
        if word in SILENT or _same(mine, theirs):
            continue
        if word not in _MERGES:
            raise Undecidable(f"{word}, which is set twice")
        value = _MERGES[word](mine, theirs)
        if value is _NEVER:
            return None
        merged[word] = value
    if "properties" in one or "properties" in other:
        merged["properties"] = _both_properties(one, other)
    _refuse_split_tuples(one, other)
    return merged


def _same(one: Any, other: Any) -> bool:
    return json_key(one) == json_key(other)


def _both(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


def _types(one: Any, other: Any) -> Any:
    mine, theirs = ([each] if isinstance(each, str) else each for each in (one, other))
    found = [name for name in mine if name in theirs or (name == "integer" and "number" in theirs)]
    found += [name for name in theirs if name == "integer" and "number" in mine and name not in found]
    return found or _NEVER


def _values(one: list[Any], other: list[Any]) -> Any:
    return [value for value in one if any(_same(value, each) for each in other)] or _NEVER


def _multiple(one: float, other: float) -> Any:
    mine, theirs = Fraction(str(one)), Fraction(str(other))
    for step, value, by in ((mine, one, theirs), (theirs, other, mine)):
        if by and step % by == 0:
            return value
    raise Undecidable("multipleOf, which is set twice")


def _required(one: list[str], other: list[str]) -> list[str]:
    return list(dict.fromkeys([*one, *other]))


def _excluded(one: Any, other: Any) -> Any:
    return {"anyOf": [one, other]}


def _dependents(one: Mapping[str, Any], other: Mapping[str, Any]) -> Any:
    twice = {name: _dependent(one[name], other[name]) for name in one if name in other}
    return {**other, **one, **twice}


def _dependent(one: Any, other: Any) -> Any:
    if isinstance(one, list) and isinstance(other, list):
        return _required(one, other)
    return _both(*({"required": each} if isinstance(each, list) else each for each in (one, other)))


def _items(one: Any, other: Any) -> Any:
    if isinstance(one, list) or isinstance(other, list):
        raise Undecidable("items, which is set twice")
    return _both(one, other)


def _both_properties(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A field that only one side names is, to the other, one of the rest."""
    found: dict[str, Any] = {}
    for name in {**one.get("properties", {}), **other.get("properties", {})}:
        schemas = [_property(words, name) for words in (one, other)]
        known = [schema for schema in schemas if schema is not True]
        found[name] = (
            True
            if not known
            else known[0]
            if len(known) == 1 or _same(*known)
            else False
            if False in known
            else _both(*known)
        )
    return found


def _property(words: Mapping[str, Any], name: str) -> Any:
    if name in words.get("properties", {}):
        return words["properties"][name]
    if words.get("patternProperties") and words.get("additionalProperties", True) is not True:
        raise Undecidable("allOf of a closed object with patternProperties")
    return words.get("additionalProperties", True)


def _refuse_split_tuples(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """A tuple on one side and the rest of an array on the other are no one array."""
    for mine, theirs in ((one, other), (other, one)):
        is_tuple = "prefixItems" in mine or isinstance(mine.get("items"), list)
        rest = {"items", "additionalItems"} & set(theirs)
        if is_tuple and rest and not _same({w: mine.get(w) for w in rest}, {w: theirs.get(w) for w in rest}):
            raise Undecidable("allOf of a tuple and another array")


_MERGES: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum"), min),
    **dict.fromkeys(("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum"), max),
    "type": _types,
    "enum": _values,
    "required": _required,
    "properties": _both,  # made anew below: what one side names is one of the rest to the other
    "additionalProperties": lambda one, other: False if False in (one, other) else _both(one, other),
    "items": _items,
    "uniqueItems": lambda one, other: one or other,
    "multipleOf": _multiple,
    "not": _excluded,
    "const": lambda one, other: _NEVER,
    **dict.fromkeys(("dependencies", "dependentRequired", "dependentSchemas"), _dependents),
}
"""How two demands of one keyword are one demand; any other keyword that is set twice is Undecidable."""
