"""What changed between two contracts, in words, in the order of the file; no word on whether it breaks anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data_platform.governance.wording import describe_constraints, write_value
from data_platform.spec.product.contract import Contract
from data_platform.spec.schema.types import Column, TableSchema


@dataclass(frozen=True, slots=True)
class Described:
    """One difference: of `output` (None: of the product), of the column `column` where it is one's."""

    subject: str
    message: str
    output: str | None = None
    column: str | None = None

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


def differences(old: Contract, new: Contract) -> Iterator[Described]:
    """Every difference, of the product first and then column by column."""
    before, after = old.to_json(), new.to_json()
    for path, message in _differences("", before["product"], after["product"]):
        parts = path.split(".")
        output = parts[1].partition("@")[0] if parts[0] == "outputs" and len(parts) > 1 else None
        yield Described(path, message, output)
    for name, schema in new.schemas.items():
        if name in old.schemas:
            yield from _columns(name, old.schemas[name], schema)


def _columns(output: str, old: TableSchema, new: TableSchema) -> Iterator[Described]:
    for column in new:
        before = old.get(column.name)
        if before is None:
            yield Described(f"{output}.{column.name}", f"column added, {column.type}", output, column.name)
        elif before != column:
            yield Described(f"{output}.{column.name}", _column_change(before, column), output, column.name)
    for column in old:
        if new.get(column.name) is None:
            yield Described(f"{output}.{column.name}", "column removed", output, column.name)


def _column_change(before: Column, after: Column) -> str:
    parts = [
        f"{aspect} {_aspect(before, aspect)} → {_aspect(after, aspect)}"
        for aspect in ("type", "required", "encryption", "tags", "description")
        if getattr(before, aspect) != getattr(after, aspect)
    ]
    parts += describe_constraints(before.constraints, after.constraints)
    if not parts or (str(before.type) == str(after.type) and before.type != after.type):
        parts = [part for part in parts if not part.startswith("type ")] + ["what lies inside it changed"]
    return ", ".join(parts)


def _aspect(column: Column, aspect: str) -> str:
    value = getattr(column, aspect)
    return write_value(str(value) if aspect == "type" else value)


def _differences(path: str, before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Lists of named things are compared by name, all other values as wholes."""
    if _named(before) and _named(after) and (before or after):
        olds, news = _by_name(before or []), _by_name(after or [])
        for name in dict.fromkeys([*olds, *news]):
            inner = f"{path}.{name}"
            if name in olds and name in news:
                yield from _differences(inner, olds[name], news[name])
            else:
                yield inner, "added" if name in news else "removed"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{path}.{key}" if path else str(key)
            yield from _differences(inner, before.get(key), after.get(key))
    elif before != after:
        yield path, f"{write_value(before)} → {write_value(after)}"


def _named(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(item, Mapping) and _name(item) for item in value)
    )


def _name(item: Mapping[str, Any]) -> str | None:
    """What tells one of a list from the others; an input is told by what it reads."""
    if "data_product" in item and "output" in item:
        return f"{item['data_product']}.{item['output']}"
    return item.get("name")


def _by_name(items: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """By name; namesakes, which are majors of one output, by name and version."""
    counted = Counter(map(_name, items))
    labels = (f"{_name(i)}@{i.get('version')}" if counted[_name(i)] > 1 else str(_name(i)) for i in items)
    return dict(zip(labels, items, strict=True))
