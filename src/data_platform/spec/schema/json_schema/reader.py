"""Reads a table's columns from a JSON Schema (2020-12 or draft-07) whose root is an object with properties.

A column is required when it is listed in `required` and its type has no null. What no column can hold is a problem; all
problems of a file are reported together, each with its line and column.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from data_platform.spec.schema.annotations import read_annotations, read_text, report_misplaced, report_near_misses
from data_platform.spec.schema.column_names import check_names, suggest_name
from data_platform.spec.schema.constraints import WORDS as CONSTRAINTS
from data_platform.spec.schema.constraints import read_constraints, show_value
from data_platform.spec.schema.json_schema.resolve import Resolved, Resolver
from data_platform.spec.schema.json_schema.spelling import read_json_type, read_scalar_type
from data_platform.spec.schema.json_schema.words import DIALECTS, IMPOSSIBLE, KNOWN
from data_platform.spec.schema.types import (
    NO_CONSTRAINTS,
    Constraints,
    DataType,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from data_platform.spec.text.json_document import JsonReport, Member, Node, parse_json

MAX_NESTING = 32
MAX_COLUMNS = 5_000
_TEXT = Primitive(Kind.STRING)
_OF_CONTAINERS = ("properties", "required", "items", "additionalProperties")


@dataclass(frozen=True, slots=True)
class _Value:
    """What a schema says of one value: its type, whether it may be null, its constraints."""

    type: DataType = _TEXT  # the substitute after a problem, so that reading goes on
    nullable: bool = False
    constraints: Constraints = NO_CONSTRAINTS


def read_json_schema(text: str, file: str) -> TableSchema:
    """The table that a JSON Schema describes; `file` names it in problems. InvalidSpec lists all problems."""
    report = JsonReport(file)
    schema = _Reader(parse_json(text, report), report).read_table()
    report.check()
    return schema


class _Reader:
    def __init__(self, root: Node, report: JsonReport) -> None:
        self._root = root
        self._report = report
        self._resolver = Resolver(root, report)
        self._columns_read = 0

    def read_table(self) -> TableSchema:
        self._check_dialect()
        root = self._resolver.resolve(self._root)
        if root is None:
            return TableSchema(())
        name, nullable = read_json_type(self._root, root.words, self._report)
        if name is not None and (name != "object" or nullable or "properties" not in root.words):
            hint = 'for example {"type": "object", "properties": {"id": {"type": "integer"}}}'
            self._report.add(self._root, "a table is an object with properties, and never null", hint)
            return TableSchema(())
        description = read_text(root.words, "description", self._report)
        self._check_words(root)
        report_misplaced(root.words, self._report, "write it in each property that it is about")
        return TableSchema(self._read_columns(root, 0) if name else (), description)

    def _check_dialect(self) -> None:
        if member := self._root.words.get("$schema"):
            dialects = [dialect.rstrip("#") for dialect in DIALECTS]
            if str(member.node.value).rstrip("#") not in dialects:
                hint = f"write one of {', '.join(DIALECTS)}"
                self._report.add(member.node, f"$schema {show_value(member.node.to_plain())} is not read", hint)

    def _read_columns(self, schema: Resolved, depth: int) -> tuple[SchemaColumn, ...]:
        properties = schema.words["properties"]
        if not properties.node.words:
            self._report.add(properties.node, "properties is an object with at least one column")
        required = self._read_required(schema, properties.node.words)
        self._check_open(schema)
        check_names([member.key for member in properties.node.words.values()], self._report)
        return tuple(
            self._read_column(name, member, name in required, schema.path, depth)
            for name, member in properties.node.words.items()
        )

    def _read_column(
        self, name: str, member: Member, required: bool, path: tuple[str, ...], depth: int
    ) -> SchemaColumn:
        self._columns_read += 1
        if self._columns_read > MAX_COLUMNS:
            raise self._report.stop(member.key, f"the schema has more than {MAX_COLUMNS:,} columns and fields")
        schema = self._resolver.resolve(member.node, path)
        if schema is None:
            return SchemaColumn(name, _TEXT)
        value = self._read_value(schema, depth)
        notes = read_annotations(schema.words, self._report, nested=depth > 0)
        return SchemaColumn(name, value.type, required and not value.nullable, constraints=value.constraints, **notes)

    def _read_value(self, schema: Resolved, depth: int) -> _Value:
        if depth > MAX_NESTING:
            raise self._report.stop(schema.node, f"types are nested deeper than {MAX_NESTING} levels")
        self._check_words(schema)
        name, nullable = read_json_type(schema.node, schema.words, self._report)
        kind = self._read_type(name, schema, depth) if name else None
        if kind is None:
            return _Value(nullable=nullable or schema.nullable)
        constraints = read_constraints(_collect_constraints(schema, kind), kind, self._report)
        return _Value(kind, nullable or schema.nullable, constraints)

    def _read_type(self, name: str, schema: Resolved, depth: int) -> DataType | None:
        match name:
            case "array":
                return self._list(schema, depth)
            case "object" if "properties" in schema.words:
                return Struct(self._read_columns(schema, depth + 1))
            case "object":
                return self._map(schema, depth)
            case _:
                for word in (word for word in _OF_CONTAINERS if word in schema.words):
                    hint = "write required beside properties" if word == "required" else f"remove {word}"
                    self._report.add(schema.words[word].key, f"{word} means nothing for a {name}", hint)
                return read_scalar_type(name, schema.words, self._report)

    def _list(self, schema: Resolved, depth: int) -> DataType | None:
        if "items" not in schema.words:
            hint = 'for example "items": {"type": "string"}'
            self._report.add(schema.node, "an array needs items, the type of its elements", hint)
            return None
        value = self._read_inner(schema.words["items"], schema, depth)
        return ListOf(value.type, not value.nullable, value.constraints) if value else None

    def _map(self, schema: Resolved, depth: int) -> DataType | None:
        values = schema.words.get("additionalProperties")
        if values is None or isinstance(values.node.value, bool):
            hint = '"additionalProperties": {"type": "string"} makes a map from text to text'
            self._report.add(schema.node, "an object needs properties, or additionalProperties with a type", hint)
            return None
        value = self._read_inner(values, schema, depth)
        return MapOf(_TEXT, value.type, not value.nullable, value.constraints) if value else None

    def _read_inner(self, member: Member, parent: Resolved, depth: int) -> _Value | None:
        """The value of a list's elements or a map's values, which have no name and therefore no annotations."""
        schema = self._resolver.resolve(member.node, parent.path)
        if schema is None:
            return None
        report_misplaced(schema.words, self._report, "write it beside the type of the array or map")
        return self._read_value(schema, depth + 1)

    def _read_required(self, schema: Resolved, names: Collection[str]) -> set[str]:
        if "required" not in schema.words:
            return set()
        node = schema.words["required"].node
        if not isinstance(node.value, list):
            hint = 'write "required": ["NAME", …] in the object around the property'
            self._report.add(node, f"required is a list of names, not {show_value(node.to_plain())}", hint)
        for item in node.items:
            if not isinstance(item.value, str) or item.value not in names:
                hint = suggest_name(str(item.value), names) or "add it to properties, or remove it here"
                self._report.add(
                    item, f"required names {show_value(item.to_plain())}, which is not in properties", hint
                )
        return {str(item.value) for item in node.items}

    def _check_open(self, schema: Resolved) -> None:
        """Refuses a type for unnamed columns; true, false and no value mean the same, as columns are closed anyway."""
        for word in ("additionalProperties", "unevaluatedProperties"):
            member = schema.words.get(word)
            if member and not isinstance(member.node.value, bool):
                hint = "name the columns under properties, or write a map without properties"
                self._report.add(member.key, f"{word} beside properties makes columns without a name", hint)

    def _check_words(self, schema: Resolved) -> None:
        for word, member in schema.words.items():
            if word in IMPOSSIBLE:
                self._report.add(member.key, f"{word} demands what a table cannot promise", IMPOSSIBLE[word])
        report_near_misses(schema.words, KNOWN | IMPOSSIBLE.keys(), self._report)


def _collect_constraints(schema: Resolved, kind: DataType) -> dict[str, Member]:
    """The constraint keywords: `const` is an `enum` of one, and a format that made the type demands no more."""
    words = {word: member for word, member in schema.words.items() if word in CONSTRAINTS}
    if kind != _TEXT:
        words.pop("format", None)
    if "const" in schema.words and "enum" not in words:
        const = schema.words["const"]
        words["enum"] = replace(const, node=replace(const.node, value=[const.node]))
    return words
