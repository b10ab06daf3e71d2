"""The differences between two contracts, in words and in file order, without judging whether they break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data_platform.governance.value_texts import describe_constraints, write_value
from data_platform.spec.access.written_form import write_access
from data_platform.spec.product.contract import Contract
from data_platform.spec.schema.types import SchemaColumn, TableSchema


@dataclass(frozen=True, slots=True)
class DescribedChange:
    """One difference: of `output` (None: of the product), and of `column` where it concerns one."""

    subject: str
    message: str
    output: str | None = None
    column: str | None = None

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


def list_differences(old: Contract, new: Contract) -> Iterator[DescribedChange]:
    """Every difference, of the product first and then column by column."""
    for path, message in _compare_values("", _write_product(old), _write_product(new)):
        parts = path.split(".")
        output = parts[1].partition("@")[0] if parts[0] == "outputs" and len(parts) > 1 else None
        yield DescribedChange(path, message, output)
    for name, schema in new.schemas.items():
        if name in old.schemas:
            yield from _compare_columns(name, old.schemas[name], schema)


def _write_product(contract: Contract) -> dict[str, Any]:
    """The product as it is stored, with `access` in product.yaml's words, which has no lines."""
    written: dict[str, Any] = contract.to_json()["product"]
    product = contract.product
    declared = [product.access, *(output.access for output in product.outputs)]
    for part, access in zip([written, *written.get("outputs", ())], declared, strict=True):
        part |= {"access": write_access(access)} if "access" in part else {}
    return written


def _compare_columns(output: str, old: TableSchema, new: TableSchema) -> Iterator[DescribedChange]:
    for column in new:
        before = old.get(column.name)
        if before is None:
            yield DescribedChange(f"{output}.{column.name}", f"column added, {column.type}", output, column.name)
        elif before != column:
            yield DescribedChange(
                f"{output}.{column.name}", _describe_column_change(before, column), output, column.name
            )
    for column in old:
        if new.get(column.name) is None:
            yield DescribedChange(f"{output}.{column.name}", "column removed", output, column.name)


def _describe_column_change(before: SchemaColumn, after: SchemaColumn) -> str:
    parts = [
        f"{aspect} {_format_aspect(before, aspect)} → {_format_aspect(after, aspect)}"
        for aspect in ("type", "required", "encryption", "tags", "description", "not_pii", "anonymised", "term")
        if getattr(before, aspect) != getattr(after, aspect)
    ]
    parts += describe_constraints(before.constraints, after.constraints)
    if not parts or (str(before.type) == str(after.type) and before.type != after.type):
        parts = [part for part in parts if not part.startswith("type ")] + ["what lies inside it changed"]
    return ", ".join(parts)


def _format_aspect(column: SchemaColumn, aspect: str) -> str:
    value = getattr(column, aspect)
    return write_value(str(value) if aspect == "type" else value)


def _compare_values(path: str, before: Any, after: Any) -> Iterator[tuple[str, str]]:
    """Lists of named entries are compared by name, all other values as wholes."""
    if _has_names(before) and _has_names(after) and (before or after):
        olds, news = _index_by_name(before or []), _index_by_name(after or [])
        for name in dict.fromkeys([*olds, *news]):
            inner = f"{path}.{name}"
            if name in olds and name in news:
                yield from _compare_values(inner, olds[name], news[name])
            else:
                yield inner, "added" if name in news else "removed"
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys([*before, *after]):
            inner = f"{path}.{key}" if path else str(key)
            yield from _compare_values(inner, before.get(key), after.get(key))
    elif before != after:
        yield path, f"{write_value(before)} → {write_value(after)}"


def _has_names(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(item, Mapping) and _name(item) for item in value)
    )


def _name(item: Mapping[str, Any]) -> str | None:
    """The identifying name of a list entry; of an input, the output that it reads."""
    if "data_product" in item and "output" in item:
        return f"{item['data_product']}.{item['output']}"
    return item.get("name")


def _index_by_name(items: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Entries by name; majors of one output by name and version."""
    counted = Counter(map(_name, items))
    labels = (f"{_name(i)}@{i.get('version')}" if counted[_name(i)] > 1 else str(_name(i)) for i in items)
    return dict(zip(labels, items, strict=True))
