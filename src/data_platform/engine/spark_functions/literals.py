"""Literals: their Spark types, and their DuckDB SQL."""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.spark_functions.types import BIGINT, BINARY, BOOLEAN, DOUBLE, INT, NULL, STRING
from data_platform.engine.spark_functions.value import Value
from data_platform.errors import FrameError


def translate_literal(node: exp.Expr) -> Value:
    """A literal as Spark reads it: 1 is an int, 1.5 a decimal, 1e0 a double."""
    if isinstance(node, exp.Null):
        return Value(exp.Null(), NULL)
    if isinstance(node, exp.Boolean):
        return Value(node.copy(), BOOLEAN)
    if isinstance(node, exp.HexString):
        return Value(exp.Anonymous(this="unhex", expressions=[exp.Literal.string(node.name)]), BINARY)
    if node.is_string:
        return Value(node.copy(), STRING)
    text = str(node.this)
    if "e" in text.lower():
        return Value(exp.cast(exp.Literal.number(text), exp.DType.DOUBLE), DOUBLE)
    if "." in text:
        return _make_decimal(text)
    number = int(text)
    if number < 2**31:
        return Value(node.copy(), INT)
    if number < 2**63:
        return Value(exp.cast(node.copy(), exp.DType.BIGINT), BIGINT)
    return _make_decimal(text)


def _make_decimal(text: str) -> Value:
    whole, _, fraction = text.partition(".")
    digits = len(whole.lstrip("0")) + len(fraction)
    if digits > 38:
        raise FrameError(f"{text} has more than 38 digits")
    type_ = pa.decimal128(max(digits, 1), len(fraction))
    to = exp.DataType.build(f"decimal({type_.precision},{type_.scale})")
    return Value(exp.cast(exp.Literal.number(text), to), type_)


def translate_negative(number: int) -> Value:
    """The int, bigint or decimal that `-number` is."""
    if number <= 2**31:
        return Value(exp.Neg(this=exp.Literal.number(number)), INT)
    if number <= 2**63:
        return Value(exp.cast(exp.Literal.string(f"-{number}"), exp.DType.BIGINT), BIGINT)
    value = _make_decimal(str(number))
    return Value(exp.Neg(this=value.sql), value.type)
