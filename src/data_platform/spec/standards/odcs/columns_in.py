"""Columns from ODCS's properties (3.2.0, Schema)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_platform.spec.schema.column_names import column_name_problem, twins
from data_platform.spec.schema.constraints import WORDS, applicable, constraint_problem, from_words, order_problems
from data_platform.spec.schema.types import (
    ENCRYPTION,
    NO_CONSTRAINTS,
    Column,
    Constraints,
    DataType,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    Struct,
)
from data_platform.spec.standards.custom import our_properties
from data_platform.spec.standards.document import View
from data_platform.spec.standards.odcs.physical import scalar_type
from data_platform.spec.text.names import shown

MAX_COLUMNS = 5_000
_TEXT = Primitive(Kind.STRING)
_NOT_CONSTRAINTS = ("timezone", "defaultTimezone", "required", "dimensions", "elementType", "distanceMetric")


@dataclass(frozen=True, slots=True)
class _Value:
    type: DataType = _TEXT
    required: bool = False
    constraints: Constraints = NO_CONSTRAINTS


def columns_of(properties: list[View]) -> tuple[Column, ...]:
    """The columns; a name that no column may have is a problem."""
    if len(properties) > MAX_COLUMNS:
        properties[0].error(f"there are {len(properties):,} properties; {MAX_COLUMNS:,} is the limit")
        return ()
    names = [view.text("name") or "" for view in properties]
    for view, name in zip(properties, names, strict=True):
        if problem := column_name_problem(name):
            view.error(problem, "name", hint="rename the property")
    for at, first in twins(names).items():
        properties[at].error(f"{shown(names[at])} and {shown(first)} are one name to a SQL engine", "name")
    return tuple(_column(view, name) for view, name in zip(properties, names, strict=True))


def _column(view: View, name: str) -> Column:
    value = _value(view)
    encryption = our_properties(view.plains("customProperties")).get("encryption")
    return Column(
        name=name,
        type=value.type,
        required=value.required,
        description=view.text("description"),
        tags=_tags(view),
        encryption=encryption if encryption in (ENCRYPTION, "none") else None,
        constraints=value.constraints,
    )


def _tags(view: View) -> tuple[str, ...]:
    """The tags; who classifies a column as personal data tags it."""
    tags = tuple("pii" if tag.strip().casefold() == "pii" else tag for tag in view.texts("tags"))
    classified = (view.text("classification") or "").strip().casefold() == "pii"
    return (*tags, "pii") if classified and "pii" not in tags else tags


def _value(view: View) -> _Value:
    kind = _type(view)
    return _Value(kind, view.flag("required"), _constraints(view, kind))


def _type(view: View) -> DataType:
    logical, physical = view.text("logicalType"), view.text("physicalType")
    match logical:
        case "array" if "items" in view:
            inner = _value(view.view("items"))
            return ListOf(inner.type, inner.required, inner.constraints)
        case "map" if "map" in view:
            parts = view.view("map")
            key, value = _value(parts.view("key")), _value(parts.view("value"))
            return MapOf(_key(parts, key.type), value.type, value.required, value.constraints)
        case "vector":
            number = Kind.DOUBLE if view.view("logicalTypeOptions").text("elementType") == "float64" else Kind.FLOAT
            return ListOf(Primitive(number), element_required=True)
        case "array":
            view.warn("the array does not say what its items are: taken for text", "logicalType")
            return ListOf(_TEXT)
    if logical in (None, "object") and "properties" in view:
        return Struct(columns_of(view.views("properties")))
    found = scalar_type(logical, physical, view.view("logicalTypeOptions").value)
    if found is None:
        _warn_of_type(view, logical, physical)
    return found or _TEXT


def _warn_of_type(view: View, logical: str | None, physical: str | None) -> None:
    said = logical or physical
    if said is None:
        view.warn("the property says no type: it is taken for text", hint="write for example logicalType: string")
    else:
        view.warn(f"the type {shown(said)} is taken for text", "logicalType" if logical else "physicalType")


def _key(parts: View, kind: DataType) -> DataType:
    if isinstance(kind, ListOf | MapOf | Struct):
        parts.error("the key of a map is a plain value", "key")
        return _TEXT
    return kind


def _constraints(view: View, kind: DataType) -> Constraints:
    """What the options and `enum` demand, as far as it can be checked; the rest is told."""
    options = view.view("logicalTypeOptions").value
    demands = {word: value for word, value in options.items() if word in WORDS and word != "enum"}
    if kind != _TEXT:
        demands.pop("format", None)
    values = [entry.value.get("value") for entry in view.views("enum")]
    if values:
        demands["enum"] = values
    good: dict[str, Any] = {}
    for word, value in demands.items():
        problem = f"{word} demands nothing of {kind}" if word not in applicable(kind) else _problem(word, value, kind)
        if problem is None:
            good[word] = value
        else:
            view.warn(f"{problem}: it is kept, and not checked", *_place(word))
    for word in options.keys() - WORDS.keys() - {*_NOT_CONSTRAINTS}:
        view.warn(f"{shown(word)} is kept, and not checked", "logicalTypeOptions", word)
    for lower, told in order_problems(good):
        view.error(told, "logicalTypeOptions", lower)
        del good[lower]
    if "enum" in good:
        good["enum"] = [value for value in good["enum"] if value is not None]
    return from_words(good) if good else NO_CONSTRAINTS


def _place(word: str) -> tuple[str, ...]:
    return ("enum",) if word == "enum" else ("logicalTypeOptions", word)


def _problem(word: str, value: Any, kind: DataType) -> str | None:
    found = constraint_problem(word, value, kind)
    return None if found is None else found[0]


def flagged(properties: Mapping[str, View], flag: str, position: str) -> tuple[str, ...]:
    """The columns with a flag such as primaryKey, in the order of their positions."""
    found = [
        (view.number(position) or 0, at, name) for at, (name, view) in enumerate(properties.items()) if view.flag(flag)
    ]
    return tuple(name for _, _, name in sorted(found))
