"""A schema's own constraints and its primary key as typed rules, nested fields, elements and map values included.

A rule is named by the dotted path of its value and JSON Schema's word: `status.enum`, `lines.element.price.minimum`.
`required` has no rule: the cast to the contract has refused a null before any rule runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from data_platform.quality.formats import FORMATS, MAX_LENGTHS
from data_platform.spec.product.model import Output
from data_platform.spec.rules.model import Duplicates, Rule, Wrong
from data_platform.spec.rules.predicates import format_literal, format_literals, is_null, quote_identifier
from data_platform.spec.schema.constraints import to_words
from data_platform.spec.schema.types import (
    Constraints,
    DataType,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)

Demand = tuple[str, str]
"""The name of what is demanded, and the SQL condition that is true where it is not met."""


def list_rules(output: Output, schema: TableSchema, extra: Sequence[Rule] = ()) -> tuple[Rule, ...]:
    """Every rule of an output: written, `extra` (a pipeline's), of the schema, of the primary key."""
    return (*output.rules, *extra, *build_schema_rules(schema), *build_primary_key_rules(output.primary_key))


def build_schema_rules(schema: TableSchema) -> tuple[Rule, ...]:
    """A blocking rule for each constraint of each column, in order."""
    return tuple(_build_rule(column, name, wrong) for column in schema for name, wrong in _list_column_demands(column))


def build_primary_key_rules(columns: Sequence[str]) -> tuple[Rule, ...]:
    """The rules that no part of the key is null, and that keys are unique."""
    if not columns:
        return ()
    parts = [
        Rule(
            f"primary_key.{name}.not_null", Wrong(is_null(name)), dimension="completeness", columns=(name,), origin=_KEY
        )
        for name in columns
    ]
    key = tuple(columns)
    unique = Rule("primary_key.unique", Duplicates(key), dimension="uniqueness", columns=key, origin=_KEY)
    return (*parts, unique)


_KEY = "primary_key"


def _build_rule(column: SchemaColumn, name: str, wrong: str) -> Rule:
    return Rule(name, Wrong(wrong), dimension="conformity", columns=(column.name,), origin="schema")


def _list_column_demands(column: SchemaColumn) -> Iterator[Demand]:
    yield from _list_demands(column.type, column.constraints, quote_identifier(column.name), column.name)


def _list_demands(kind: DataType, constraints: Constraints, value: str, path: str) -> Iterator[Demand]:
    """What is demanded of a value, written as SQL, and of all that is inside it."""
    for word, limit in to_words(constraints).items():
        yield f"{path}.{word}", _WRONG[word](value, limit, kind)
    match kind:
        case Struct(fields):
            for inner in fields:
                part = f"struct_extract({value}, {format_literal(inner.name)})"
                yield from _list_demands(inner.type, inner.constraints, part, f"{path}.{inner.name}")
        case ListOf(element=element):
            yield from _list_member_demands(element, kind.constraints, value, f"{path}.element")
        case MapOf(value=inside):
            yield from _list_member_demands(inside, kind.constraints, f"map_values({value})", f"{path}.value")


def _list_member_demands(kind: DataType, constraints: Constraints, values: str, path: str) -> Iterator[Demand]:
    """The demands on the members of a list; a member's name in SQL has its depth, so that nested lists do not clash."""
    member = f"member_{path.count('.')}"
    for name, wrong in _list_demands(kind, constraints, member, path):
        yield name, f"len(list_filter({values}, lambda {member}: {wrong})) > 0"


def _is_floating(kind: DataType) -> bool:
    return isinstance(kind, Primitive) and kind.kind in (Kind.FLOAT, Kind.DOUBLE)


def _build_lower_bound(sign: str) -> Callable[[str, Any, DataType], str]:
    """NaN sorts above every number, so it must be named to be below none."""

    def wrong(value: str, limit: Any, kind: DataType) -> str:
        condition = f"{value} {sign} {format_literal(limit)}"
        return f"{condition} OR isnan({value})" if _is_floating(kind) else condition

    return wrong


def _build_not_multiple(value: str, unit: Any, kind: DataType) -> str:
    if isinstance(unit, int) and isinstance(kind, Primitive) and kind.kind in (Kind.INT, Kind.LONG):
        return f"{value} % {format_literal(unit)} <> 0"
    times = f"({value} / CAST({format_literal(unit)} AS DOUBLE))"
    # 0.07 / 0.01 is 7.000000000000001: a multiple within the precision of a double.
    return f"NOT isfinite({times}) OR abs({times} - round({times})) > 1e-9 * greatest(1, abs({times}))"


def _build_not_format(value: str, name: str, kind: DataType) -> str:
    if name not in FORMATS:
        return "FALSE"
    wrong = f"NOT regexp_matches({value}, {format_literal(FORMATS[name])})"
    return f"{wrong} OR length({value}) > {MAX_LENGTHS[name]}" if name in MAX_LENGTHS else wrong


def _build_repeated(value: str, unique: bool, kind: DataType) -> str:
    """Different values (a null is one of them) are fewer than all; list_distinct leaves nulls out."""
    return f"len(list_distinct({value})) + least(len({value}) - list_count({value}), 1) < len({value})"


_WRONG: Mapping[str, Callable[[str, Any, DataType], str]] = {
    "enum": lambda value, allowed, _: f"{value} NOT IN ({format_literals(allowed)})",
    "minimum": _build_lower_bound("<"),
    "exclusiveMinimum": _build_lower_bound("<="),
    "maximum": lambda value, limit, _: f"{value} > {format_literal(limit)}",
    "exclusiveMaximum": lambda value, limit, _: f"{value} >= {format_literal(limit)}",
    "multipleOf": _build_not_multiple,
    "minLength": lambda value, limit, _: f"length({value}) < {limit}",
    "maxLength": lambda value, limit, _: f"length({value}) > {limit}",
    "pattern": lambda value, pattern, _: f"NOT regexp_matches({value}, {format_literal(pattern)})",
    "format": _build_not_format,
    "minItems": lambda value, limit, _: f"len({value}) < {limit}",
    "maxItems": lambda value, limit, _: f"len({value}) > {limit}",
    "uniqueItems": _build_repeated,
}
