"""Avro's logical types (specification, "Logical Types")."""

from __future__ import annotations

from data_platform.spec.schema.avro.words import LOGICAL, REFUSED
from data_platform.spec.schema.column_names import did_you_mean
from data_platform.spec.schema.constraints import shown
from data_platform.spec.schema.types import NO_CONSTRAINTS, Constraints, DataType, Decimal, Fixed, Kind, Primitive
from data_platform.spec.text.json_document import Node, Report

Typed = tuple[DataType, Constraints]
_TEXT = Primitive(Kind.STRING)


def logical_type(node: Node, report: Report) -> Typed | None:
    """The type that a `logicalType` makes of the type beneath; None when the type beneath is all there is.

    Avro tells readers to ignore what they do not know; a known logical type on the wrong type beneath, one that no
    column holds, and a near miss of a known name are problems instead, because ignoring them would change values.
    """
    base, word = str(node.words["type"].node.value), node.words["logicalType"].node
    logical = str(word.value)
    if (base, logical) in LOGICAL:
        return Primitive(LOGICAL[base, logical]), NO_CONSTRAINTS
    if logical == "decimal" and base in ("bytes", "fixed"):
        return _decimal(node, report), NO_CONSTRAINTS
    if logical == "uuid" and base in ("string", "fixed"):
        return (_TEXT, Constraints(format="uuid")) if base == "string" else (Fixed(16), NO_CONSTRAINTS)
    if problem := _problem(base, logical):
        report.add(word, *problem)
        return _TEXT, NO_CONSTRAINTS
    return None


def _problem(base: str, logical: str) -> tuple[str, str] | None:
    if logical in REFUSED:
        return f"logicalType {logical} is no column", REFUSED[logical]
    bases = {"decimal": "bytes or fixed", "uuid": "string"} | {known: beneath for beneath, known in LOGICAL}
    if logical in bases:
        return f"logicalType {logical} is written on {bases[logical]}, not on {base}", "change the type beneath"
    hint = did_you_mean(logical, bases, cutoff=0.8)
    return (f"logicalType {shown(logical)} is unknown", hint) if hint else None


def _decimal(node: Node, report: Report) -> DataType:
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
    message = "a decimal has a precision of 1 to 38 digits, of which scale (0 to precision) stand after the point"
    hint = 'for example "precision": 12, "scale": 2'
    report.add(node, f"{message}; here precision is {shown(precision)}, scale {shown(scale)}", hint)
    return _TEXT
