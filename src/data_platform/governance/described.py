"""What changed between two contracts, in words, in the order of the file; no word on whether it breaks anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data_platform.spec.contract import Contract
from data_platform.spec.types import TableSchema


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
        output = parts[1] if parts[0] == "outputs" and len(parts) > 1 else None
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


def _column_change(before: Any, after: Any) -> str:
    parts = [
        f"{aspect} {getattr(before, aspect)} → {getattr(after, aspect)}"
        for aspect in ("type", "required", "encryption", "tags", "description", "constraints")
        if getattr(before, aspect) != getattr(after, aspect)
    ]
    return ", ".join(parts)


def _differences(path: str, before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Lists of named things are compared by name, all other values as wholes."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{path}.{key}" if path else str(key)
            yield from _differences(inner, before.get(key), after.get(key))
    elif _named(before) and _named(after):
        yield from _differences(path, _by_name(before), _by_name(after))
    elif before != after:
        yield path, f"{_word(before)} → {_word(after)}"


def _named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) and "name" in item for item in value)


def _by_name(items: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {item["name"]: {key: value for key, value in item.items() if key != "name"} for item in items}


def _word(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping | list):
        return f"{len(value)} entries" if value else "none"
    return str(value)
