"""The type that a set of JSON Schema keywords denotes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

from data_platform.spec.schema.column_names import suggest_name
from data_platform.spec.schema.constraints import CHECKED_FORMATS, show_value
from data_platform.spec.schema.json_schema.resolve import ONE_TYPE
from data_platform.spec.schema.json_schema.words import BY_TYPE_AND_FORMAT, TYPES
from data_platform.spec.schema.types import DataType, Decimal, Fixed, Kind, Primitive
from data_platform.spec.text.json_document import JsonReport, Member, Node, Plain

Words = Mapping[str, Member]


def read_json_type(node: Node, words: Words, report: JsonReport) -> tuple[str | None, bool]:
    """The one `type` besides null (None after a problem), and whether null is allowed."""
    named_types = _read_named(words, report) if "type" in words else _infer_types(words)
    if named_types is None:
        return None, False
    names, nullable = named_types
    if {"integer", "number"} <= names:
        names = names - {"integer"}
    if len(names) == 1:
        return names.pop(), nullable
    if names:
        where = words["type"].node if "type" in words else node
        report.add(where, f"a value may be {' or '.join(sorted(names))} here", ONE_TYPE)
    elif "type" not in words:
        report.add(node, "the schema says no type", 'for example "type": "string"')
    else:
        report.add(words["type"].node, "a column of nothing but null has no type", 'write "type": ["string", "null"]')
    return None, nullable


def _read_named(words: Words, report: JsonReport) -> tuple[set[str], bool] | None:
    node = words["type"].node
    names: set[str] = set()
    for item in node.items if isinstance(node.value, list) else [node]:
        if isinstance(item.value, str) and item.value in (*TYPES, "null"):
            names.add(item.value)
        else:
            hint = suggest_name(str(item.value), TYPES) or f"one of {', '.join(TYPES)}"
            report.add(item, f"type {show_value(item.to_plain())} is unknown", hint)
            return None
    return names - {"null"}, "null" in names


def _infer_types(words: Words) -> tuple[set[str], bool]:
    if "properties" in words or "additionalProperties" in words:
        return {"object"}, False
    if "items" in words:
        return {"array"}, False
    values: list[Plain] = [words["const"].node.to_plain()] if "const" in words else []
    if "enum" in words:
        values += [item.to_plain() for item in words["enum"].node.items]
    names = {_name_json_type(value) for value in values}
    return names - {"null"}, "null" in names


def _name_json_type(value: Plain) -> str:
    if value is None:
        return "null"
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return kinds[type(value)]


def read_scalar_type(name: str, words: Words, report: JsonReport) -> DataType | None:
    """The type of a boolean, integer, number or string by its format and encoding; None after a problem."""
    if "contentEncoding" in words:
        return _read_binary(name, words, report)
    spelled = words["format"].node.value if "format" in words else None
    if spelled == "decimal" and name in ("number", "string"):
        return _read_decimal(words, report)
    for word in ("precision", "scale", "byteLength"):
        if word in words:
            belongs = '"contentEncoding": "base64"' if word == "byteLength" else '"format": "decimal"'
            report.add(words[word].key, f"{word} means nothing without {belongs}", f"add {belongs}")
    if name == "string" and spelled in CHECKED_FORMATS:
        return Primitive(Kind.STRING)
    if spelled is None or isinstance(spelled, str):
        kind = BY_TYPE_AND_FORMAT.get((name, spelled))
        if kind:
            return Primitive(kind)
    _report_unknown_format(name, words["format"].node, report)
    return None


def _report_unknown_format(name: str, node: Node, report: JsonReport) -> None:
    formats = [spelled for kind, spelled in BY_TYPE_AND_FORMAT if kind == name and spelled]
    formats += ["decimal"] if name in ("number", "string") else []
    formats += CHECKED_FORMATS if name == "string" else []
    near = suggest_name(str(node.value), formats)
    listed = f"known for {name}: {', '.join(sorted(formats))}" if formats else f"a {name} has none"
    report.add(node, f"format {show_value(node.to_plain())} is not known for {name}", near or f"{listed}; or remove it")


def _read_decimal(words: Words, report: JsonReport) -> DataType | None:
    precision, scale = (words[word].node.value if word in words else None for word in ("precision", "scale"))
    scale = 0 if scale is None else scale
    if _is_whole(precision) and _is_whole(scale) and 1 <= precision <= 38 and 0 <= scale <= precision:
        return Decimal(precision, scale)
    message = "a decimal has a precision of 1 to 38 digits, of which scale (0 to precision) are after the point"
    hint = 'for example "format": "decimal", "precision": 12, "scale": 2'
    report.add(words["format"].node, f"{message}; here precision is {precision!r}, scale {scale!r}", hint)
    return None


def _read_binary(name: str, words: Words, report: JsonReport) -> DataType | None:
    encoding = words["contentEncoding"].node
    if name != "string" or encoding.value != "base64":
        hint = '{"type": "string", "contentEncoding": "base64"}'
        report.add(
            encoding, f"contentEncoding {show_value(encoding.to_plain())} of a {name} is not read", f"binary is {hint}"
        )
        return None
    if "byteLength" not in words:
        return Primitive(Kind.BINARY)
    length = words["byteLength"].node.value
    if _is_whole(length) and 0 < length <= 2**31 - 1:
        return Fixed(length)
    report.add(words["byteLength"].node, f"byteLength is a number of bytes above 0, not {show_value(length)}")
    return None


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
