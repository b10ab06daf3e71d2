"""What changed between two contracts, in words, and which of it breaks readers.

Breaking is: an output that is gone or changed its type, whatever `compatibility.table_breaks` says of its columns, and
personal data that would lose its protection by an omission. A product that is still `draft` or `proposed` has promised
nothing, so nothing of it can break.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from data_platform.errors import Break
from data_platform.governance.compatibility import table_breaks
from data_platform.spec.contract import Contract
from data_platform.spec.product import Status
from data_platform.spec.types import TableSchema

UNPROMISED = (Status.DRAFT, Status.PROPOSED)


def contract_breaks(old: Contract, new: Contract) -> list[Break]:
    """Every change from `old` to `new` that breaks those who read `old`."""
    if old.product.effective_status in UNPROMISED:
        return []
    breaks: list[Break] = []
    for output in old.product.outputs:
        successor = next((o for o in new.product.outputs if o.name == output.name), None)
        if successor is None:
            breaks.append(Break(output.name, "the output was removed"))
        elif successor.type != output.type:
            breaks.append(Break(output.name, f"the type changed from {output.type} to {successor.type}"))
        elif output.name in old.schemas and output.name in new.schemas:
            breaks += table_breaks(old.schemas[output.name], new.schemas[output.name], output.name)
            breaks += exposures(old.schemas[output.name], new.schemas[output.name], output.name)
    return breaks


def exposures(old: TableSchema, new: TableSchema, output: str) -> Iterator[Break]:
    """Personal data that would lie in clear from now on, without anybody having said so by `"encryption": "none"`."""
    for column in new:
        before = old.get(column.name)
        if before is not None and before.encrypted and not column.encrypted and column.encryption != "none":
            why = 'was encrypted and would lie in clear; if that is meant, its schema says "encryption": "none" first'
            yield Break(f"{output}.{column.name}", why)


def contract_changes(old: Contract, new: Contract) -> list[str]:
    """Every change in words, in the order of the file: `orders_fact.sla.freshness: 15 minutes → 1 hour`."""
    before, after = old.to_json(), new.to_json()
    changes = list(_differences("", before["product"], after["product"]))
    for name, schema in new.schemas.items():
        if name in old.schemas:
            changes += _column_changes(name, old.schemas[name], schema)
    return changes


def _column_changes(output: str, old: TableSchema, new: TableSchema) -> Iterator[str]:
    for column in new:
        before = old.get(column.name)
        if before is None:
            yield f"{output}.{column.name}: column added, {column.type}"
        elif before != column:
            yield f"{output}.{column.name}: {_column_change(before, column)}"
    for column in old:
        if new.get(column.name) is None:
            yield f"{output}.{column.name}: column removed"


def _column_change(before: Any, after: Any) -> str:
    parts = [
        f"{aspect} {getattr(before, aspect)} → {getattr(after, aspect)}"
        for aspect in ("type", "required", "encryption", "tags", "description", "constraints")
        if getattr(before, aspect) != getattr(after, aspect)
    ]
    return ", ".join(parts)


def _differences(path: str, before: Any, after: Any) -> Iterator[str]:
    """Lists of named things are compared by name, all other values as wholes."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{path}.{key}" if path else str(key)
            yield from _differences(inner, before.get(key), after.get(key))
    elif _named(before) and _named(after):
        yield from _differences(path, _by_name(before), _by_name(after))
    elif before != after:
        yield f"{path}: {_word(before)} → {_word(after)}"


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
