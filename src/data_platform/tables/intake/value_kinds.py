"""What kind of value a Python object is, and the plain value that it equals."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import sys
from collections.abc import Callable, Mapping, Set
from typing import Any
from uuid import UUID

NULL = "null"


class Odd(Exception):
    """The object has no exact value in any column type; the message is the reason, without the value."""


def detect_kind(value: Any) -> tuple[str, Any]:
    """The kind's name, and the plain Python value, without additions of libraries and subclasses; raises Odd."""
    read = _READERS.get(type(value))
    if read is not None:
        return read(value)
    for base, reader in _SUBCLASSES:
        if isinstance(value, base):
            return reader(value)
    return _read_library_value(value)


def _make_reader(name: str, convert: Callable[[Any], Any] | None = None) -> Callable[[Any], tuple[str, Any]]:
    def read(value: Any) -> tuple[str, Any]:
        return name, value if convert is None else convert(value)

    return read


def _read_datetime(value: dt.datetime) -> tuple[str, Any]:
    if value != value:  # pandas' NaT
        return NULL, None
    if getattr(value, "nanosecond", 0):
        raise Odd("has nanoseconds, and a column holds microseconds")
    if value.utcoffset() is None:
        return "local time", dt.datetime.combine(dt.date(value.year, value.month, value.day), value.time())
    try:
        moment = value.astimezone(dt.UTC)
    except OverflowError:
        raise Odd("lies outside the years 1 to 9999 in UTC") from None
    return "instant", dt.datetime.combine(dt.date(moment.year, moment.month, moment.day), moment.time(), dt.UTC)


def _read_time(value: dt.time) -> tuple[str, Any]:
    if value.tzinfo is not None:
        raise Odd("is a time with an offset or a zone, and a column's times of day have none")
    return "time of day", value


def _read_duration(value: dt.timedelta) -> tuple[str, Any]:
    if value != value:
        return NULL, None
    raise Odd("is a duration, which no column type supports: hand in a number of seconds")


def _read_enum(value: enum.Enum) -> tuple[str, Any]:
    if isinstance(value, str):
        return "text", str.__str__(value)
    if isinstance(value, int):
        return "whole number", int(value)
    raise Odd("is a member of an enum: hand in its name or its value")


def _refuse_set(value: object) -> tuple[str, Any]:
    raise Odd("is a set, which has no order: hand in a list")


def _read_library_value(value: Any) -> tuple[str, Any]:
    """Scalars and arrays of numpy and pandas, if these libraries are loaded."""
    if (pandas := sys.modules.get("pandas")) is not None and value is pandas.NA:
        return NULL, None
    if (numpy := sys.modules.get("numpy")) is not None:
        if value is numpy.ma.masked:
            return NULL, None
        if isinstance(value, numpy.ndarray):
            return ("list", list(value)) if value.ndim else detect_kind(value[()])
        if isinstance(value, numpy.datetime64 | numpy.timedelta64):
            return _read_numpy_time(value)
        if isinstance(value, numpy.bool_ | numpy.integer | numpy.floating):
            return _read_numpy_number(value)
    name = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    raise Odd(f"is of type {name}, which no column type supports")


def _read_numpy_number(value: Any) -> tuple[str, Any]:
    kind = {"b": "truth value", "i": "whole number", "u": "whole number", "f": "float"}[value.dtype.kind]
    plain = float(value) if kind == "float" else value.item()
    if plain != value and value == value:
        raise Odd("is a float of more digits than 64 bits hold")
    return kind, plain


def _read_numpy_time(value: Any) -> tuple[str, Any]:
    if str(value) == "NaT":
        return NULL, None
    if value.dtype.kind == "m":
        raise Odd("is a duration, which no column type supports: hand in a number of seconds")
    unit = value.dtype.name.partition("[")[2].rstrip("]")
    plain = value.astype("datetime64[D]" if unit in ("Y", "M", "W", "D") else "datetime64[us]")
    exact = plain.item()
    if not isinstance(exact, dt.date):
        raise Odd("lies outside the years 1 to 9999")
    if plain.astype(value.dtype) != value:
        raise Odd("has nanoseconds, and a column holds microseconds")
    return ("local time" if isinstance(exact, dt.datetime) else "date"), exact


_READERS: dict[type, Callable[[Any], tuple[str, Any]]] = {
    type(None): _make_reader(NULL),
    bool: _make_reader("truth value"),
    int: _make_reader("whole number"),
    float: _make_reader("float"),
    str: _make_reader("text"),
    bytes: _make_reader("bytes"),
    dt.date: _make_reader("date"),
    list: _make_reader("list"),
    tuple: _make_reader("list"),
    dict: _make_reader("object"),
}
_SUBCLASSES: tuple[tuple[type, Callable[[Any], tuple[str, Any]]], ...] = (
    (enum.Enum, _read_enum),
    (str, _make_reader("text", str.__str__)),
    (int, _make_reader("whole number", int)),
    (float, _make_reader("float", float)),
    (decimal.Decimal, _make_reader("decimal", decimal.Decimal)),
    (bytes, _make_reader("bytes", bytes)),
    (bytearray, _make_reader("bytes", bytes)),
    (memoryview, _make_reader("bytes", bytes)),
    (dt.datetime, _read_datetime),
    (dt.date, _make_reader("date", lambda value: dt.date(value.year, value.month, value.day))),
    (dt.time, _read_time),
    (dt.timedelta, _read_duration),
    (UUID, _make_reader("UUID")),
    (Mapping, _make_reader("object")),
    (list, _make_reader("list")),
    (tuple, _make_reader("list")),
    (Set, _refuse_set),
)
_NOTHING = type(None)
_SIMPLE = {
    bool: "truth value",
    int: "whole number",
    float: "float",
    str: "text",
    bytes: "bytes",
    dt.date: "date",
}
ONE_KIND = {frozenset(types): name for base, name in _SIMPLE.items() for types in ((base,), (base, _NOTHING))}
"""The sets of types whose values have one kind, so that they need no further check."""
