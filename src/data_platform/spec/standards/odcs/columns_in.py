"""Columns from ODCS's properties (3.2.0, Schema)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_platform.spec.schema.column_names import find_column_name_problem, find_twins
from data_platform.spec.schema.constraints import (
    WORDS,
    find_constraint_problem,
    from_words,
    list_applicable,
    order_problems,
)
from data_platform.spec.schema.types import (
    ENCRYPTION,
    NO_CONSTRAINTS,
    Anonymised,
    Constraints,
    DataType,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
)
from data_platform.spec.standards.custom import read_our_properties, read_texts
from data_platform.spec.standards.document import View
from data_platform.spec.standards.odcs.physical import find_scalar_type
from data_platform.spec.text.names import quote_text

MAX_COLUMNS = 5_000
_TEXT = Primitive(Kind.STRING)
_NOT_CONSTRAINTS = ("timezone", "defaultTimezone", "required", "dimensions", "elementType", "distanceMetric")


@dataclass(frozen=True, slots=True)
class _Value:
    type: DataType = _TEXT
    required: bool = False
    constraints: Constraints = NO_CONSTRAINTS


def read_columns(properties: list[View]) -> tuple[SchemaColumn, ...]:
    """The columns; a name that no column may have is a problem."""
    if len(properties) > MAX_COLUMNS:
        properties[0].error(f"there are {len(properties):,} properties; {MAX_COLUMNS:,} is the limit")
        return ()
    names = [view.read_text("name") or "" for view in properties]
    for view, name in zip(properties, names, strict=True):
        if problem := find_column_name_problem(name):
            view.error(problem, "name", hint="rename the property")
    for at, first in find_twins(names).items():
        properties[at].error(f"{quote_text(names[at])} and {quote_text(first)} are one name to a SQL engine", "name")
    return tuple(_read_column(view, name) for view, name in zip(properties, names, strict=True))


def _read_column(view: View, name: str) -> SchemaColumn:
    value = _read_value(view)
    ours = read_our_properties(view.read_plains("customProperties"))
    encryption, not_pii, term = ours.get("encryption"), ours.get("not_pii"), ours.get("term")
    return SchemaColumn(
        name=name,
        type=value.type,
        required=value.required,
        description=view.read_text("description"),
        tags=_read_tags(view),
        encryption=encryption if encryption in (ENCRYPTION, "none") else None,
        constraints=value.constraints,
        not_pii=not_pii if isinstance(not_pii, str) else None,
        anonymised=_read_anonymised(ours.get("anonymised")),
        term=term if isinstance(term, str) else None,
    )


def _read_anonymised(value: Any) -> Anonymised | None:
    sources = read_texts(value.get("from")) if isinstance(value, dict) else ()
    method = value.get("method") if isinstance(value, dict) else None
    return Anonymised(sources, method) if sources and isinstance(method, str) else None


def _read_tags(view: View) -> tuple[str, ...]:
    """The tags; a classification as personal data adds a tag."""
    tags = tuple("pii" if tag.strip().casefold() == "pii" else tag for tag in view.read_texts("tags"))
    classified = (view.read_text("classification") or "").strip().casefold() == "pii"
    return (*tags, "pii") if classified and "pii" not in tags else tags


def _read_value(view: View) -> _Value:
    kind = _read_type(view)
    return _Value(kind, view.read_flag("required"), _read_constraints(view, kind))


def _read_type(view: View) -> DataType:
    logical, physical = view.read_text("logicalType"), view.read_text("physicalType")
    match logical:
        case "array" if "items" in view:
            inner = _read_value(view.read_view("items"))
            return ListOf(inner.type, inner.required, inner.constraints)
        case "map" if "map" in view:
            parts = view.read_view("map")
            key, value = _read_value(parts.read_view("key")), _read_value(parts.read_view("value"))
            return MapOf(_read_key(parts, key.type), value.type, value.required, value.constraints)
        case "vector":
            element_type = view.read_view("logicalTypeOptions").read_text("elementType")
            number = Kind.DOUBLE if element_type == "float64" else Kind.FLOAT
            return ListOf(Primitive(number), element_required=True)
        case "array":
            view.warn("the array does not say what its items are: taken for text", "logicalType")
            return ListOf(_TEXT)
    if logical in (None, "object") and "properties" in view:
        return Struct(read_columns(view.read_views("properties")))
    kind = find_scalar_type(logical, physical, view.read_view("logicalTypeOptions").value)
    if kind is None:
        _warn_of_type(view, logical, physical)
    return kind or _TEXT


def _warn_of_type(view: View, logical: str | None, physical: str | None) -> None:
    said = logical or physical
    if said is None:
        view.warn("the property says no type: it is taken for text", hint="write for example logicalType: string")
    else:
        view.warn(f"the type {quote_text(said)} is taken for text", "logicalType" if logical else "physicalType")


def _read_key(parts: View, kind: DataType) -> DataType:
    if isinstance(kind, ListOf | MapOf | Struct):
        parts.error("the key of a map is a plain value", "key")
        return _TEXT
    return kind


def _read_constraints(view: View, kind: DataType) -> Constraints:
    """What the options and `enum` demand, as far as it can be checked; the rest is reported."""
    options = view.read_view("logicalTypeOptions").value
    demands = {word: value for word, value in options.items() if word in WORDS and word != "enum"}
    if kind != _TEXT:
        demands.pop("format", None)
    values = [entry.value.get("value") for entry in view.read_views("enum")]
    if values:
        demands["enum"] = values
    good: dict[str, Any] = {}
    for word, value in demands.items():
        problem = (
            f"{word} demands nothing of {kind}"
            if word not in list_applicable(kind)
            else _find_problem(word, value, kind)
        )
        if problem is None:
            good[word] = value
        else:
            view.warn(f"{problem}: it is kept, and not checked", *_split_path(word))
    for word in options.keys() - WORDS.keys() - {*_NOT_CONSTRAINTS}:
        view.warn(f"{quote_text(word)} is kept, and not checked", "logicalTypeOptions", word)
    for lower, message in order_problems(good):
        view.error(message, "logicalTypeOptions", lower)
        del good[lower]
    if "enum" in good:
        good["enum"] = [value for value in good["enum"] if value is not None]
    return from_words(good) if good else NO_CONSTRAINTS


def _split_path(word: str) -> tuple[str, ...]:
    return ("enum",) if word == "enum" else ("logicalTypeOptions", word)


def _find_problem(word: str, value: Any, kind: DataType) -> str | None:
    problem = find_constraint_problem(word, value, kind)
    return None if problem is None else problem[0]


def list_flagged(properties: Mapping[str, View], flag: str, position: str) -> tuple[str, ...]:
    """The columns with a flag such as primaryKey, in the order of their positions."""
    positions = [
        (view.read_number(position) or 0, at, name)
        for at, (name, view) in enumerate(properties.items())
        if view.read_flag(flag)
    ]
    return tuple(name for _, _, name in sorted(positions))
