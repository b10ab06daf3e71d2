"""Writes `access`, and conditions of rows, in product.yaml's words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import AccessSpec, ColumnClass, ReaderConditions, ReaderEntry
from data_platform.spec.access.row_filters import (
    AllOf,
    AnyOf,
    ColumnComparison,
    Condition,
    IsNull,
    Negation,
    OneOf,
    PrincipalAttribute,
)
from data_platform.spec.rules.predicates import Scalar, format_literal, quote_identifier

Json = dict[str, Any]


def write_access(access: AccessSpec) -> Json:
    """The fields of `access`; empty when nothing is declared."""
    written = {
        "visibility": access.visibility and access.visibility.value,
        "discoverable": access.discoverable,
        "readers": None if access.readers is None else [_write_reader(entry) for entry in access.readers],
        "rows": access.rows and access.rows.text,
        "masks": {column: _write_mask(mask) for column, mask in access.masks.items()} or None,
        "auto_approve": None if access.auto_approve is None else [_write_who(one) for one in access.auto_approve],
        "max_duration": access.max_duration_text,
        "terms": access.terms,
        "approvers": list(access.approvers) or None,
    }
    return {name: value for name, value in written.items() if value is not None}


def write_condition(condition: Condition) -> str:
    """The text of a condition, in the words of a row filter."""
    match condition:
        case ColumnComparison(column, comparator, operand):
            return f"{_write_name(column)} {comparator} {_write_operand(operand)}"
        case OneOf(column, operands):
            return f"{_write_name(column)} IN ({', '.join(map(_write_operand, operands))})"
        case IsNull(column):
            return f"{_write_name(column)} IS NULL"
        case Negation(inner):
            return f"NOT ({write_condition(inner)})"
        case AllOf(conditions):
            return " AND ".join(f"({write_condition(one)})" for one in conditions) or "TRUE"
        case AnyOf(conditions):
            return " OR ".join(f"({write_condition(one)})" for one in conditions) or "FALSE"


def _write_name(column: str) -> str:
    return column if column.isidentifier() and column.isascii() else quote_identifier(column)


def _write_operand(operand: Scalar | PrincipalAttribute) -> str:
    return f"principal.{operand.name}" if isinstance(operand, PrincipalAttribute) else format_literal(operand)


def _write_reader(entry: ReaderEntry) -> Json:
    columns = entry.columns.value if isinstance(entry.columns, ColumnClass) else entry.columns
    written = {
        **_write_who(entry.who),
        "columns": list(columns) if isinstance(columns, tuple) else columns,
        "rows": entry.rows and entry.rows.text,
        "deny": entry.deny or None,
    }
    return {name: value for name, value in written.items() if value is not None}


def _write_who(who: ReaderConditions) -> Json:
    return {one.name: list(getattr(who, one.name)) for one in fields(who) if getattr(who, one.name)}


def _write_mask(mask: Mask) -> str | Json:
    if mask.kind is not MaskKind.BUCKET or mask.size is None:
        return mask.kind.value
    whole = mask.size == mask.size.to_integral_value()
    return {mask.kind.value: int(mask.size) if whole else float(mask.size)}
