"""The access of a product as the JSON that the record stores, without loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import (
    AccessSpec,
    ColumnClass,
    ReaderConditions,
    ReaderEntry,
    RowFilter,
    Visibility,
)
from data_platform.spec.access.row_filters import (
    AllOf,
    AnyOf,
    ColumnComparison,
    Comparator,
    Condition,
    IsNull,
    Negation,
    OneOf,
    PrincipalAttribute,
)
from data_platform.spec.rules.predicates import Scalar

Json = dict[str, Any]
_MICROSECOND = timedelta(microseconds=1)


def serialize_access(access: AccessSpec) -> Json:
    """The access as a JSON object; what is undeclared is left out."""
    duration = access.max_duration
    stored = {
        "visibility": access.visibility and access.visibility.value,
        "discoverable": access.discoverable,
        "readers": None if access.readers is None else [_serialize_reader(entry) for entry in access.readers],
        "rows": access.rows and _serialize_filter(access.rows),
        "masks": {column: _serialize_mask(mask) for column, mask in access.masks.items()} or None,
        "auto_approve": None if access.auto_approve is None else [_serialize_who(one) for one in access.auto_approve],
        "max_duration": None if duration is None else duration // _MICROSECOND,
        "max_duration_text": access.max_duration_text,
        "terms": access.terms,
        "approvers": list(access.approvers) or None,
        "lines": dict(access.lines) or None,
    }
    return {name: value for name, value in stored.items() if value is not None}


def restore_access(stored: Mapping[str, Any]) -> AccessSpec:
    """The access that `serialize_access` wrote."""
    parts = {name: value for name, value in stored.items() if name in _READERS}
    return AccessSpec(**{name: _READERS[name](value) for name, value in parts.items()})


def _serialize_reader(entry: ReaderEntry) -> Json:
    columns = entry.columns.value if isinstance(entry.columns, ColumnClass) else entry.columns and list(entry.columns)
    stored = {
        "who": _serialize_who(entry.who),
        "columns": columns,
        "rows": entry.rows and _serialize_filter(entry.rows),
        "deny": entry.deny or None,
        "line": entry.line,
    }
    return {name: value for name, value in stored.items() if value is not None}


def _restore_reader(stored: Mapping[str, Any]) -> ReaderEntry:
    columns = stored.get("columns")
    return ReaderEntry(
        _restore_who(stored["who"]),
        tuple(columns) if isinstance(columns, list) else columns and ColumnClass(columns),
        _restore_filter(stored["rows"]) if "rows" in stored else None,
        stored.get("deny", False),
        stored.get("line"),
    )


def _serialize_who(who: ReaderConditions) -> Json:
    return {one.name: list(getattr(who, one.name)) for one in fields(who) if getattr(who, one.name)}


def _restore_who(stored: Mapping[str, Any]) -> ReaderConditions:
    return ReaderConditions(**{name: tuple(values) for name, values in stored.items()})


def _serialize_mask(mask: Mask) -> Json:
    return {"kind": mask.kind.value} | ({} if mask.size is None else {"size": str(mask.size)})


def _restore_mask(stored: Mapping[str, Any]) -> Mask:
    return Mask(MaskKind(stored["kind"]), Decimal(stored["size"]) if "size" in stored else None)


def _serialize_filter(row_filter: RowFilter) -> Json:
    return {"text": row_filter.text, "condition": serialize_condition(row_filter.condition)}


def _restore_filter(stored: Mapping[str, Any]) -> RowFilter:
    return RowFilter(stored["text"], restore_condition(stored["condition"]))


def serialize_condition(condition: Condition) -> Json:
    """The condition as a JSON object."""
    match condition:
        case ColumnComparison(column, comparator, operand):
            return {"column": column, "is": comparator.value, "value": _serialize_operand(operand)}
        case OneOf(column, operands):
            return {"column": column, "in": [_serialize_operand(operand) for operand in operands]}
        case IsNull(column):
            return {"column": column, "null": True}
        case Negation(inner):
            return {"not": serialize_condition(inner)}
        case AllOf(conditions):
            return {"all": [serialize_condition(one) for one in conditions]}
        case AnyOf(conditions):
            return {"any": [serialize_condition(one) for one in conditions]}


def restore_condition(stored: Mapping[str, Any]) -> Condition:
    """The condition that `serialize_condition` wrote."""
    if "not" in stored:
        return Negation(restore_condition(stored["not"]))
    if "all" in stored:
        return AllOf(tuple(map(restore_condition, stored["all"])))
    if "any" in stored:
        return AnyOf(tuple(map(restore_condition, stored["any"])))
    if "in" in stored:
        return OneOf(stored["column"], tuple(map(_restore_operand, stored["in"])))
    if "is" in stored:
        return ColumnComparison(stored["column"], Comparator(stored["is"]), _restore_operand(stored["value"]))
    return IsNull(stored["column"])


def _serialize_operand(operand: Scalar | PrincipalAttribute) -> Any:
    match operand:
        case PrincipalAttribute(name):
            return {"principal": name}
        case Decimal():
            return {"decimal": str(operand)}
        case datetime():
            return {"timestamp": operand.isoformat()}
        case date():
            return {"date": operand.isoformat()}
        case _:
            return operand


_OPERANDS: Mapping[str, Callable[[str], Scalar | PrincipalAttribute]] = {
    "principal": PrincipalAttribute,
    "decimal": Decimal,
    "timestamp": datetime.fromisoformat,
    "date": date.fromisoformat,
}


def _restore_operand(stored: Any) -> Scalar | PrincipalAttribute:
    if isinstance(stored, Mapping):
        ((kind, text),) = stored.items()
        return _OPERANDS[kind](text)
    value: Scalar = stored
    return value


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "visibility": Visibility,
    "discoverable": bool,
    "readers": lambda entries: tuple(map(_restore_reader, entries)),
    "rows": _restore_filter,
    "masks": lambda masks: {column: _restore_mask(mask) for column, mask in masks.items()},
    "auto_approve": lambda entries: tuple(map(_restore_who, entries)),
    "max_duration": lambda microseconds: timedelta(microseconds=microseconds),
    "max_duration_text": str,
    "terms": str,
    "approvers": tuple,
    "lines": dict,
}
