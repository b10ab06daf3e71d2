"""Two sets of JSON Schema keywords as one set that demands both (`allOf`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from data_platform.governance.json_schema.bounds import to_json_key

SILENT = {
    "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
    "readOnly", "writeOnly", "deprecated",
}  # fmt: skip
"""Keywords that demand nothing."""
_NEVER = object()


class Undecidable(Exception):
    """A schema contains a part that cannot be compared; the message names it."""


def merge_words(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any] | None:
    """Both sets of keywords as one; None where no value meets both. Raises Undecidable where they cannot be merged."""
    merged = {**other, **one}
    for word in [word for word in one if word in other]:
        mine, theirs = one[word], other[word]
        if word in SILENT or _is_same(mine, theirs):
            continue
        if word not in _MERGES:
            raise Undecidable(f"{word}, which is set twice")
        value = _MERGES[word](mine, theirs)
        if value is _NEVER:
            return None
        merged[word] = value
    if "properties" in one or "properties" in other:
        merged["properties"] = _merge_properties(one, other)
    _refuse_split_tuples(one, other)
    return merged


def _is_same(one: Any, other: Any) -> bool:
    return to_json_key(one) == to_json_key(other)


def _require_both(one: Any, other: Any) -> Any:
    return {"allOf": [one, other]}


def _merge_types(one: Any, other: Any) -> Any:
    mine, theirs = ([declared] if isinstance(declared, str) else declared for declared in (one, other))
    types = [name for name in mine if name in theirs or (name == "integer" and "number" in theirs)]
    types += [name for name in theirs if name == "integer" and "number" in mine and name not in types]
    return types or _NEVER


def _merge_values(one: list[Any], other: list[Any]) -> Any:
    return [value for value in one if any(_is_same(value, allowed) for allowed in other)] or _NEVER


def _merge_multiples(one: float, other: float) -> Any:
    mine, theirs = Fraction(str(one)), Fraction(str(other))
    for step, value, by in ((mine, one, theirs), (theirs, other, mine)):
        if by and step % by == 0:
            return value
    raise Undecidable("multipleOf, which is set twice")


def _merge_required(one: list[str], other: list[str]) -> list[str]:
    return list(dict.fromkeys([*one, *other]))


def _merge_excluded(one: Any, other: Any) -> Any:
    return {"anyOf": [one, other]}


def _merge_dependents(one: Mapping[str, Any], other: Mapping[str, Any]) -> Any:
    twice = {name: _merge_dependent(one[name], other[name]) for name in one if name in other}
    return {**other, **one, **twice}


def _merge_dependent(one: Any, other: Any) -> Any:
    if isinstance(one, list) and isinstance(other, list):
        return _merge_required(one, other)
    return _require_both(*({"required": demand} if isinstance(demand, list) else demand for demand in (one, other)))


def _merge_items(one: Any, other: Any) -> Any:
    if isinstance(one, list) or isinstance(other, list):
        raise Undecidable("items, which is set twice")
    return _require_both(one, other)


def _merge_properties(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The merged fields; a field that one side does not name falls under its `additionalProperties`."""
    merged: dict[str, Any] = {}
    for name in {**one.get("properties", {}), **other.get("properties", {})}:
        schemas = [_find_property(words, name) for words in (one, other)]
        demanding = [schema for schema in schemas if schema is not True]
        merged[name] = (
            True
            if not demanding
            else demanding[0]
            if len(demanding) == 1 or _is_same(*demanding)
            else False
            if False in demanding
            else _require_both(*demanding)
        )
    return merged


def _find_property(words: Mapping[str, Any], name: str) -> Any:
    if name in words.get("properties", {}):
        return words["properties"][name]
    if words.get("patternProperties") and words.get("additionalProperties", True) is not True:
        raise Undecidable("allOf of a closed object with patternProperties")
    return words.get("additionalProperties", True)


def _refuse_split_tuples(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Raises Undecidable for a tuple on one side and other array items on the other."""
    for mine, theirs in ((one, other), (other, one)):
        is_tuple = "prefixItems" in mine or isinstance(mine.get("items"), list)
        rest = {"items", "additionalItems"} & set(theirs)
        if is_tuple and rest and not _is_same({w: mine.get(w) for w in rest}, {w: theirs.get(w) for w in rest}):
            raise Undecidable("allOf of a tuple and another array")


_MERGES: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum"), min),
    **dict.fromkeys(("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum"), max),
    "type": _merge_types,
    "enum": _merge_values,
    "required": _merge_required,
    "properties": _require_both,  # merged again below: a field of one side falls under the other's additionalProperties
    "additionalProperties": lambda one, other: False if False in (one, other) else _require_both(one, other),
    "items": _merge_items,
    "propertyNames": _require_both,
    "uniqueItems": lambda one, other: one or other,
    "multipleOf": _merge_multiples,
    "not": _merge_excluded,
    "const": lambda one, other: _NEVER,
    **dict.fromkeys(("dependencies", "dependentRequired", "dependentSchemas"), _merge_dependents),
}
"""How two values of one keyword are merged; any other keyword that is set twice is Undecidable."""
