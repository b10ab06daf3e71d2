"""Avro's logical types (specification, "Logical Types")."""

from __future__ import annotations

from data_platform.spec.schema.avro.words import LOGICAL, REFUSED
from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.constraints import show_value
from data_platform.spec.schema.types import NO_CONSTRAINTS, Constraints, DataType, Decimal, Fixed, Kind, Primitive
from data_platform.spec.text.json_document import JsonReport, Node

Typed = tuple[DataType, Constraints]
_TEXT = Primitive(Kind.STRING)


def read_logical_type(node: Node, report: JsonReport) -> Typed | None:
    """The type that a `logicalType` makes of the type beneath; None when the logical type is ignored.

    Avro requires readers to ignore what they do not know; a known logical type on the wrong type beneath, one that no
    column holds, and a near miss of a known name are problems instead, because ignoring them would change values.
    """
    base, word = str(node.words["type"].node.value), node.words["logicalType"].node
    logical = str(word.value)
    if (base, logical) in LOGICAL:
        return Primitive(LOGICAL[base, logical]), NO_CONSTRAINTS
    if logical == "decimal" and base in ("bytes", "fixed"):
        return _read_decimal(node, report), NO_CONSTRAINTS
    if logical == "uuid" and base in ("string", "fixed"):
        return (_TEXT, Constraints(format="uuid")) if base == "string" else (Fixed(16), NO_CONSTRAINTS)
    if problem := _find_problem(base, logical):
        report.add(word, *problem)
        return _TEXT, NO_CONSTRAINTS
    return None


def _find_problem(base: str, logical: str) -> tuple[str, str] | None:
    if logical in REFUSED:
        return f"logicalType {logical} is no column", REFUSED[logical]
    bases = {"decimal": "bytes or fixed", "uuid": "string"} | {
        logical_name: beneath for beneath, logical_name in LOGICAL
    }
    if logical in bases:
        return f"logicalType {logical} is written on {bases[logical]}, not on {base}", "change the type beneath"
    hint = suggest_name(logical, bases, cutoff=0.8)
    return (f"logicalType {show_value(logical)} is unknown", hint) if hint else None


def _read_decimal(node: Node, report: JsonReport) -> DataType:
    precision = node.words["precision"].node.value if "precision" in node.words else None
    scale = node.words["scale"].node.value if "scale" in node.words else 0
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (precision, scale))
    if (
        whole
        and isinstance(precision, int)
        and isinstance(scale, int)
        and 1 <= precision <= 38
        and 0 <= scale <= precision
    ):
        return Decimal(precision, scale)
    message = "a decimal has a precision of 1 to 38 digits, of which scale (0 to precision) are after the point"
    hint = 'for example "precision": 12, "scale": 2'
    report.add(node, f"{message}; here precision is {show_value(precision)}, scale {show_value(scale)}", hint)
    return _TEXT
