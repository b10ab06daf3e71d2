"""Checks what `access` says of columns against a schema: that they exist, and that masks and constants fit them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from data_platform.spec.access.masks import Mask, MaskKind
from data_platform.spec.access.model import AccessSpec
from data_platform.spec.access.row_filters import (
    NO_ROW,
    AllOf,
    AnyOf,
    ColumnComparison,
    Comparator,
    Condition,
    IsNull,
    Negation,
    OneOf,
    PrincipalAttribute,
    join_conditions,
    unite_conditions,
)
from data_platform.spec.rules.predicates import Scalar
from data_platform.spec.schema.types import DataType, Kind, Primitive, TableSchema
from data_platform.spec.schema.types import Decimal as DecimalType

_NUMBERS = frozenset([Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE])
_DAYS = frozenset([Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ])
_DIGITS = 38
_PLAIN = "redact and null fit every column"


@dataclass(frozen=True, slots=True)
class AccessProblem:
    """`field` of `access` names a column that is not there, or says of it what does not fit its type.

    `place` is the field, or the part of it: `rows`, `masks.email`, `readers.0.columns`.
    """

    place: str
    column: str
    message: str
    hint: str | None = None
    is_missing: bool = False

    @property
    def field(self) -> str:
        """The field of `access`."""
        return self.place.partition(".")[0]


def find_access_problems(access: AccessSpec, schema: TableSchema) -> Iterator[AccessProblem]:
    """The parts of `access` that do not fit the schema."""
    if access.rows is not None:
        yield from _check_filter("rows", access.rows.condition, schema)
    for column, mask in access.masks.items():
        yield from _check_mask(f"masks.{column}", column, mask, schema)
    for at, entry in enumerate(access.readers or ()):
        if isinstance(entry.columns, tuple):
            yield from (
                _report_missing(f"readers.{at}.columns", column)
                for column in entry.columns
                if schema.get(column) is None
            )
        if entry.rows is not None:
            yield from _check_filter(f"readers.{at}.rows", entry.rows.condition, schema)


def fits_schema(condition: Condition, schema: TableSchema) -> bool:
    """Whether a condition can be expressed over the columns of a schema."""
    return next(_check_filter("rows", condition, schema), None) is None


def list_condition_columns(condition: Condition) -> frozenset[str]:
    """The columns that a condition reads."""
    match condition:
        case ColumnComparison() | OneOf() | IsNull():
            return frozenset([condition.column])
        case Negation():
            return list_condition_columns(condition.condition)
        case AllOf() | AnyOf():
            return frozenset().union(*map(list_condition_columns, condition.conditions))


def remove_columns(condition: Condition, columns: Collection[str]) -> Condition:
    """The condition where no row meets what tests one of `columns`, nor its opposite."""
    match condition:
        case _ if list_condition_columns(condition).isdisjoint(columns):
            return condition
        case AllOf(inner):
            return join_conditions(*(remove_columns(one, columns) for one in inner))
        case AnyOf(inner):
            return unite_conditions([remove_columns(one, columns) for one in inner])
        case _:
            return NO_ROW


def _check_filter(place: str, condition: Condition, schema: TableSchema) -> Iterator[AccessProblem]:
    match condition:
        case Negation():
            yield from _check_filter(place, condition.condition, schema)
        case AllOf() | AnyOf():
            for one in condition.conditions:
                yield from _check_filter(place, one, schema)
        case ColumnComparison() | OneOf() | IsNull():
            yield from _check_column(place, condition, schema)


def _check_column(
    place: str, condition: ColumnComparison | OneOf | IsNull, schema: TableSchema
) -> Iterator[AccessProblem]:
    column = schema.get(condition.column)
    if column is None:
        yield _report_missing(place, condition.column)
        return
    operands = (
        condition.operands
        if isinstance(condition, OneOf)
        else (condition.operand,)
        if isinstance(condition, ColumnComparison)
        else ()
    )
    kind = _find_kind(column.type)
    if operands and kind is None:
        message = f"compares {column.name}, which is {column.type}"
        yield AccessProblem(place, column.name, message, f"write {column.name} IS NULL, or name another column")
        return
    wrong = (operand for operand in operands if not _fits(operand, column.type))
    for operand in wrong:
        message = f"compares {column.name}, which is {column.type}, with {_describe(operand)}"
        yield AccessProblem(place, column.name, message, _HINTS[kind or ""])
    ordered = isinstance(condition, ColumnComparison) and condition.comparator not in (
        Comparator.EQUAL,
        Comparator.UNEQUAL,
    )
    if kind == "boolean" and ordered:
        yield AccessProblem(place, column.name, f"orders the values of {column.name}, which is boolean", "write =")


def _check_mask(place: str, name: str, mask: Mask, schema: TableSchema) -> Iterator[AccessProblem]:
    column = schema.get(name)
    if column is None:
        yield _report_missing(place, name)
        return
    kind = column.type.kind if isinstance(column.type, Primitive) else None
    is_number = kind in _NUMBERS or isinstance(column.type, DecimalType)
    needed = {
        MaskKind.PARTIAL: (kind is Kind.STRING, "text"),
        MaskKind.HASH: (kind in (Kind.STRING, Kind.LONG), "text or a long"),
        MaskKind.YEAR: (kind in _DAYS, "a date or a timestamp"),
        MaskKind.BUCKET: (is_number, "a number"),
    }
    fits, kinds = needed.get(mask.kind, (True, ""))
    if not fits:
        message = f"{mask.kind} needs {kinds}, and {name} is {column.type}"
        yield AccessProblem(place, name, message, _PLAIN)
    elif mask.size is not None and kind in (Kind.INT, Kind.LONG) and mask.size != mask.size.to_integral_value():
        yield AccessProblem(place, name, f"{mask.size} is no whole number, and {name} is {column.type}", "write one")


def _report_missing(place: str, column: str) -> AccessProblem:
    return AccessProblem(place, column, f"names the column {column}", is_missing=True)


_HINTS = {
    "text": "write a text in single quotes, or principal.NAME",
    "number": f"write a number with at most {_DIGITS} digits before and after the point, or principal.NAME",
    "boolean": "write TRUE or FALSE, or principal.NAME",
    "date": "write DATE '2026-01-31', or principal.NAME",
    "timestamp": "write TIMESTAMP '2026-01-31 12:00:00', or principal.NAME",
    "timestamptz": "write TIMESTAMPTZ '2026-01-31 12:00:00+00:00', or principal.NAME",
}


def _find_kind(type: DataType) -> str | None:
    """What a constant must be to be compared with a column of the type; None where there is none."""
    if isinstance(type, DecimalType):
        return "number"
    if not isinstance(type, Primitive):
        return None
    if type.kind in _NUMBERS:
        return "number"
    if type.kind is Kind.STRING:
        return "text"
    comparable = (Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ)
    return type.kind.value if type.kind in comparable else None


def _fits(operand: Scalar | PrincipalAttribute, type: DataType) -> bool:
    return isinstance(operand, PrincipalAttribute) or _classify(operand) == _find_kind(type)


def _classify(value: Scalar) -> str | None:
    match value:
        case bool():
            return "boolean"
        case str():
            return "text"
        case int() | float() | Decimal():
            return "number" if _has_few_digits(value) else None
        case datetime():
            return "timestamp" if value.tzinfo is None else "timestamptz"
        case date():
            return "date"
        case _:
            return None


def _has_few_digits(value: float | Decimal) -> bool:
    """Whether every column of numbers can be compared with the number exactly."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number.is_finite() and number.copy_abs() < 10**_DIGITS and int(number.as_tuple().exponent) >= -_DIGITS


def _describe(operand: Scalar | PrincipalAttribute) -> str:
    return f"the text '{operand}'" if isinstance(operand, str) else str(operand)
