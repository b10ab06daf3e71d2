"""Reads a table's columns from an Avro schema whose root is a record.

A field is optional when its type is a union with null. `doc` is the description; `tags`, `encryption`,
`classification`, `pii`, `not_pii` and `anonymised` are properties of our own on a field, `constraints` (JSON Schema's
words) on a type.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_platform.spec.schema.annotations import read_annotations, read_text, report_misplaced, report_near_misses
from data_platform.spec.schema.avro.logical import read_logical_type
from data_platform.spec.schema.avro.names import NamedTypes
from data_platform.spec.schema.avro.words import FIELD_WORDS, NAME, PRIMITIVES
from data_platform.spec.schema.column_names import check_names
from data_platform.spec.schema.constraints import WORDS as CONSTRAINTS
from data_platform.spec.schema.constraints import read_constraints, show_value
from data_platform.spec.schema.types import (
    NO_CONSTRAINTS,
    Constraints,
    DataType,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from data_platform.spec.text.json_document import JsonReport, Node, parse_json

MAX_NESTING = 32
MAX_FIELDS = 5_000
_TEXT = Primitive(Kind.STRING)


@dataclass(frozen=True, slots=True)
class _Value:
    """What a schema says of one value: its type, whether it may be null, its constraints."""

    type: DataType = _TEXT  # the substitute after a problem, so that reading goes on
    nullable: bool = False
    constraints: Constraints = NO_CONSTRAINTS


def read_avro_schema(text: str, file: str) -> TableSchema:
    """The table that an Avro record describes; `file` names it in problems. InvalidSpec lists all problems."""
    report = JsonReport(file)
    root = parse_json(text, report)
    reader = _Reader(report)
    if not root.words or root.words.get("type") is None or root.words["type"].node.value != "record":
        report.add(root, "a table is a record", 'for example {"type": "record", "name": "Order", "fields": […]}')
    columns = () if report.problems else reader.record(root, "", 0)
    description = read_text(root.words, "doc", report)
    report.check()
    return TableSchema(columns, description)


class _Reader:
    def __init__(self, report: JsonReport) -> None:
        self._report = report
        self._names = NamedTypes(report)
        self._fields_read = 0

    def record(self, node: Node, namespace: str, depth: int) -> tuple[SchemaColumn, ...]:
        full, inner = self._names.define(node, namespace)
        fields = node.words.get("fields")
        if fields is None or not fields.node.items:
            self._report.add(fields.node if fields else node, "a record needs fields, a list with at least one")
            return ()
        self._names.enter(full)
        columns = [self._read_field(item, inner, depth) for item in fields.node.items]
        self._names.finish_definition()
        check_names([item.words["name"].node for item in fields.node.items if "name" in item.words], self._report)
        return tuple(columns)

    def _read_field(self, node: Node, namespace: str, depth: int) -> SchemaColumn:
        self._fields_read += 1
        if self._fields_read > MAX_FIELDS:
            raise self._report.stop(node, f"the schema has more than {MAX_FIELDS:,} fields")
        name = node.words["name"].node.value if "name" in node.words else None
        if not isinstance(name, str) or NAME.fullmatch(name) is None:
            self._report.add(node, "a field needs a name of letters, digits and _, no digit first")
        if "type" not in node.words:
            self._report.add(node, "the field says no type", 'for example "type": "string"')
            return SchemaColumn(str(name), _TEXT)
        report_near_misses(node.words, FIELD_WORDS, self._report)
        value = self._read_value(node.words["type"].node, namespace, depth)
        notes = read_annotations(node.words, self._report, "doc", nested=depth > 0)
        return SchemaColumn(str(name), value.type, not value.nullable, constraints=value.constraints, **notes)

    def _read_value(self, node: Node, namespace: str, depth: int) -> _Value:
        if depth > MAX_NESTING:
            raise self._report.stop(node, f"types are nested deeper than {MAX_NESTING} levels")
        if isinstance(node.value, list):
            return self._read_union(node, namespace, depth)
        if isinstance(node.value, str):
            return self._resolve_name(node, namespace, depth)
        if "type" not in node.words:
            self._report.add(node, f"{show_value(node.to_plain())} is no Avro type", 'for example "string"')
            return _Value()
        report_misplaced(node.words, self._report, "write it in the field, beside its name")
        kind = node.words["type"].node
        if not isinstance(kind.value, str):
            return self._read_value(kind, namespace, depth + 1)
        return self._add_constraints(node, self._read_defined(node, kind, namespace, depth))

    def _read_union(self, node: Node, namespace: str, depth: int) -> _Value:
        solid = [item for item in node.items if item.value != "null"]
        if len(solid) != 1 or isinstance(solid[0].value, list):
            hint = 'one type, or ["null", TYPE]; make a column for each type'
            self._report.add(node, f"a union of {len(solid)} types is no column", hint)
            return _Value()
        return replace(self._read_value(solid[0], namespace, depth), nullable=len(solid) < len(node.items))

    def _resolve_name(self, node: Node, namespace: str, depth: int) -> _Value:
        name = str(node.value)
        if name in PRIMITIVES:
            return _Value(Primitive(PRIMITIVES[name]))
        if name == "null":
            self._report.add(node, "a column of nothing but null has no type", 'write ["null", "string"]')
            return _Value()
        definition = self._names.look_up(node, namespace)
        return self._read_value(definition[0], definition[1], depth + 1) if definition else _Value()

    def _read_defined(self, node: Node, kind: Node, namespace: str, depth: int) -> _Value:
        """A type written as an object: complex, logical, or a plain one with properties."""
        if "logicalType" in node.words and kind.value != "record":
            typed = read_logical_type(node, self._report)
            if typed is not None:
                if kind.value == "fixed":
                    self._names.define(node, namespace)
                return _Value(typed[0], constraints=typed[1])
        match kind.value:
            case "record":
                return _Value(Struct(self.record(node, namespace, depth + 1)))
            case "enum":
                return self._read_enum(node, namespace)
            case "fixed":
                return self._read_fixed(node, namespace)
            case "array" | "map":
                return self._read_container(node, kind, namespace, depth)
            case _:
                return self._resolve_name(kind, namespace, depth)

    def _read_container(self, node: Node, kind: Node, namespace: str, depth: int) -> _Value:
        word = "items" if kind.value == "array" else "values"
        if word not in node.words:
            self._report.add(node, f"an Avro {kind.value} needs {word}", f'for example "{word}": "string"')
            return _Value()
        value = self._read_value(node.words[word].node, namespace, depth + 1)
        if kind.value == "array":
            return _Value(ListOf(value.type, not value.nullable, value.constraints))
        return _Value(MapOf(_TEXT, value.type, not value.nullable, value.constraints))

    def _read_enum(self, node: Node, namespace: str) -> _Value:
        self._names.define(node, namespace)
        symbols = node.words.get("symbols")
        values = [str(item.value) for item in symbols.node.items] if symbols else []
        fine = bool(values) and all(NAME.fullmatch(value) for value in values) and len({*values}) == len(values)
        if not fine:
            where = symbols.node if symbols else node
            self._report.add(where, "an enum needs symbols, a list of different names", '"symbols": ["A", "B"]')
        return _Value(constraints=Constraints(enum=tuple(values)) if fine else NO_CONSTRAINTS)

    def _read_fixed(self, node: Node, namespace: str) -> _Value:
        self._names.define(node, namespace)
        size = node.words["size"].node.value if "size" in node.words else None
        if isinstance(size, int) and not isinstance(size, bool) and 0 < size < 2**31:
            return _Value(Fixed(size))
        self._report.add(node, f"a fixed needs a size, a number of bytes above 0, not {show_value(size)}", '"size": 16')
        return _Value()

    def _add_constraints(self, node: Node, value: _Value) -> _Value:
        """The value with the constraints that its type's own property adds."""
        if "constraints" not in node.words:
            return value
        member = node.words["constraints"]
        strange = [word for word in member.node.words if word not in CONSTRAINTS]
        if strange or not member.node.words:
            message = f"constraints holds {', '.join(CONSTRAINTS)}; not {show_value(strange or member.node.to_plain())}"
            self._report.add(member.node, message)
        more = read_constraints(member.node.words, value.type, self._report)
        own = {name: kept for name in CONSTRAINTS.values() if (kept := getattr(value.constraints, name))}
        return replace(value, constraints=replace(more, **own))
