"""The promises of an output besides its schema, and which changes of them break consumers.

Breaking are: a weaker freshness or availability, a rule that was removed, demands less or no longer blocks, a removed
key, a moved topic. A change of what a rule measures is shown, not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, nextafter
from typing import Any

from data_platform.governance.json_schema.bounds import (
    find_unkept_words,
    list_possible_values,
    select_demanding_words,
    to_json_key,
)
from data_platform.governance.value_texts import list_constraints, write_value
from data_platform.spec.product.model import Output, OutputType, Product
from data_platform.spec.rules.model import Bound, Operator, Rule, Severity, describe_demand
from data_platform.spec.schema.types import (
    Constraints,
    DataType,
    Decimal,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken promise: `name` within the output, such as `sla.freshness`, and its columns."""

    kind: str
    name: str
    message: str
    columns: tuple[str, ...] = ()


def find_broken_promises(old: Product, new: Product, name: str) -> Iterator[Broken]:
    """Every promise of the output `name` that the change breaks; both products have it."""
    before, after = old.find_output(name), new.find_output(name)
    if before is None or after is None:
        return
    yield from _compare_sla(before, after)
    yield from _compare_keys(before, after)
    for rule in before.rules:
        yield from _compare_rule(rule, after.rules)
    if before.type is OutputType.STREAM and old.topic(before) != new.topic(after):
        moved = f"moved from the topic {old.topic(before)} to {new.topic(after)}, which has no readers yet"
        yield Broken("topic", "topic", moved)


def _compare_sla(old: Output, new: Output) -> Iterator[Broken]:
    before, after = old.sla.freshness, new.sla.freshness
    if before is not None and (after is None or after > before):
        promised = new.sla.freshness_text or after or "nothing"
        message = f"was promised within {old.sla.freshness_text or before}, and now within {promised}"
        yield Broken(
            "sla", "sla.freshness", message if after else f"{old.sla.freshness_text or before} is no longer promised"
        )
    share, kept = old.sla.availability, new.sla.availability
    if share is not None and (kept is None or kept < share):
        message = (
            f"was promised to {share:g} %, and now to {kept:g} %" if kept else f"{share:g} % is no longer promised"
        )
        yield Broken("sla", "sla.availability", message)


def _compare_keys(old: Output, new: Output) -> Iterator[Broken]:
    if old.primary_key and not (new.primary_key and set(new.primary_key) <= set(old.primary_key)):
        key = ", ".join(old.primary_key)
        yield Broken("rule", "primary_key", f"rows are no longer unique by {key}", old.primary_key)


def _compare_rule(old: Rule, rules: Sequence[Rule]) -> Iterator[Broken]:
    name = f"quality_rules.{old.name}"
    new = next((rule for rule in rules if rule.name == old.name), None)
    if new is None:
        if not any(rule.measure == old.measure and not list(_describe_weakening(old, rule)) for rule in rules):
            yield Broken("rule", name, "the rule was removed", old.columns)
    else:
        for message in _describe_weakening(old, new):
            yield Broken("rule", name, message, old.columns)


def _describe_weakening(old: Rule, new: Rule) -> Iterator[str]:
    if old.severity is Severity.BLOCKING and new.severity is Severity.WARNING:
        yield "the rule blocked, and now only warns"
    if not _is_as_strict(old, new):
        before, after = (describe_demand(r.bound.operator, r.bound.value, r.unit) for r in (old, new))
        yield f"the rule demanded {before}, and now {after}"


def _is_as_strict(old: Rule, new: Rule) -> bool:
    """Whether the new rule accepts only what the old one accepted; rows and percent are comparable only at 0."""
    old_allowed, new_allowed = _list_allowed(old.bound), _list_allowed(new.bound)
    if old.unit is not new.unit and new_allowed[-1][1] > 0:
        return False
    return all(any(low <= start and end <= high for low, high in old_allowed) for start, end in new_allowed)


def find_broken_constraints(old: TableSchema, new: TableSchema) -> Iterator[Broken]:
    """Weakened constraints of columns; a changed pattern or format is shown, not judged."""
    for column in old:
        after = new.get(column.name)
        if after is not None:
            for path, before, now in _walk_columns(column, after):
                for message in _describe_loosening(before, now):
                    yield Broken("rule", path, message, (column.name,))


def _walk_columns(old: SchemaColumn, new: SchemaColumn) -> Iterator[tuple[str, SchemaColumn, SchemaColumn]]:
    """A column and its nested fields of both sides, by path."""
    yield old.name, old, new
    before, after = old.type, new.type
    match before, after:
        case (ListOf(), ListOf()):
            yield from _walk_inner(
                f"{old.name}.element", before.constraints, after.constraints, before.element, after.element
            )
        case (MapOf(), MapOf()):
            yield from _walk_inner(
                f"{old.name}.value", before.constraints, after.constraints, before.value, after.value
            )
        case (Struct(), Struct()):
            fields = {field.name: field for field in after.fields}
            for field in before.fields:
                if field.name in fields:
                    for path, own, other in _walk_columns(field, fields[field.name]):
                        yield f"{old.name}.{path}", own, other


def _walk_inner(
    path: str, before: Constraints, after: Constraints, old: DataType, new: DataType
) -> Iterator[tuple[str, SchemaColumn, SchemaColumn]]:
    yield from _walk_columns(SchemaColumn(path, old, constraints=before), SchemaColumn(path, new, constraints=after))


def _describe_loosening(old: SchemaColumn, new: SchemaColumn) -> Iterator[str]:
    """The constraints of `old` that a value of `new` need not meet."""
    before, after = dict(list_constraints(old.constraints)), dict(list_constraints(new.constraints))
    kind = _to_json_kind(new.type)
    demanded, kept = (
        select_demanding_words(kind, _to_json_words(before)),
        {**_infer_range(new.type), **_to_json_words(after)},
    )
    unkept = set(find_unkept_words(demanded, kept, kind))
    if "enum" in demanded and not _is_within(demanded["enum"], list_possible_values(kind, kept)):
        unkept.add("enum")
    unkept |= {word for word in ("pattern", "format") if word in demanded and word not in after}
    for word in before:
        if word in unkept:
            former = f"{word} {write_value(before[word])}"
            now = f"was demanded, and now {write_value(after[word])}" if word in after else "is no longer demanded"
            yield f"{former} {now}"


def _to_json_kind(kind: DataType) -> str | None:
    """JSON's type of a column's values."""
    match kind:
        case Primitive(Kind.INT | Kind.LONG) | Decimal(scale=0):
            return "integer"
        case Primitive(Kind.FLOAT | Kind.DOUBLE) | Decimal():
            return "number"
        case Primitive(Kind.BOOLEAN):
            return "boolean"
        case Primitive(Kind.STRING):
            return "string"
        case ListOf():
            return "array"
    return None


def _infer_range(kind: DataType) -> dict[str, int]:
    """The bounds that the type of a column implies."""
    bits = {Primitive(Kind.INT): 31, Primitive(Kind.LONG): 63}.get(kind) if isinstance(kind, Primitive) else None
    return {} if bits is None else {"minimum": -(2**bits), "maximum": 2**bits - 1}


def _to_json_words(words: Mapping[str, Any]) -> dict[str, Any]:
    return {word: list(value) if isinstance(value, tuple) else value for word, value in words.items()}


def _is_within(demanded: list[Any], values: list[Any] | None) -> bool:
    return values is not None and {to_json_key(value) for value in values} <= {to_json_key(value) for value in demanded}


Interval = tuple[float, float]
"""From and to, both included."""


def _list_allowed(bound: Bound) -> list[Interval]:
    """The measured values that a bound accepts, in ascending order."""
    low, high = bound.value if isinstance(bound.value, tuple) else (bound.value, bound.value)
    allowed: dict[Operator, list[Interval]] = {
        Operator.MUST_BE: [(low, low)],
        Operator.MUST_NOT_BE: [(-inf, nextafter(low, -inf)), (nextafter(low, inf), inf)],
        Operator.GREATER: [(nextafter(low, inf), inf)],
        Operator.GREATER_OR_EQUAL: [(low, inf)],
        Operator.LESS: [(-inf, nextafter(low, -inf))],
        Operator.LESS_OR_EQUAL: [(-inf, low)],
        Operator.BETWEEN: [(low, high)],
        Operator.NOT_BETWEEN: [(-inf, nextafter(low, -inf)), (nextafter(high, inf), inf)],
    }
    return allowed[bound.operator]
