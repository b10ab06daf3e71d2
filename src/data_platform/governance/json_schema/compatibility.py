"""Whether a reader of one JSON Schema can read data of another, as a schema registry defines it.

The content model is the registry's: an object is *open* unless it says `additionalProperties: false` (or a schema for
the rest). Writers of an open object may write any value under any name, so a field that is declared later constrains
old events that promised nothing; readers of an open object ignore unknown fields. A field that is not required may be
added to a closed object, and removed from an open one. A `default` replaces a required field.

A changed `pattern` always differs: no regular expression is proved to contain another. A part that cannot be compared
is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from data_platform.governance.incompatibility import SchemaFinding
from data_platform.governance.json_schema.bounds import list_possible_values, to_json_key
from data_platform.governance.json_schema.keywords import compare_keywords, quote_names, report_exclusion
from data_platform.governance.json_schema.objects import (
    ArrayItems,
    Demand,
    Dependents,
    ObjectFields,
    drop_matching_pattern,
    is_anything,
    is_nothing,
    read_dependents,
)
from data_platform.governance.json_schema.shapes import SchemaExpander, Undecidable, ValueShape

ELEMENT, OTHER = "element", "value"
_TEXT = {"type": "string"}


def find_json_incompatibilities(reader: Any, writer: Any) -> list[SchemaFinding]:
    """The reasons why a reader of the schema `reader` cannot read data of `writer`; both are JSON values."""
    if isinstance(reader, bool) and isinstance(writer, bool):
        return []
    if writer is False:
        return [SchemaFinding((), "nothing may be written, and readers expect something")]
    if to_json_key(reader) == to_json_key(writer):
        return []
    judge = _Judge(SchemaExpander(reader), SchemaExpander(writer))
    try:
        return list(dict.fromkeys(judge.compare(reader, writer)))
    except Undecidable as error:
        return [SchemaFinding((), f"cannot be compared: {error}")]


class _Judge:
    """Compares the schemas of two documents; each pair once, so that schemas may refer to themselves."""

    def __init__(self, reader: SchemaExpander, writer: SchemaExpander) -> None:
        self._reader = reader
        self._writer = writer
        self._findings: dict[tuple[int, int], tuple[SchemaFinding, ...]] = {}

    def compare(self, reader: Any, writer: Any, *path: str) -> Iterator[SchemaFinding]:
        """The parts of `writer` that `reader` cannot read; both schemas are at `path` of their documents."""
        pair = id(reader), id(writer)
        if pair not in self._findings:
            self._findings[pair] = ()
            if _is_same_text(reader, writer):
                return iter(())
            self._findings[pair] = tuple(self._compare_shapes(self._reader.expand(reader), self._writer.expand(writer)))
        return (finding.with_prefix(*path) for finding in self._findings[pair])

    def _compare_shapes(self, reads: list[ValueShape], writes: list[ValueShape]) -> Iterator[SchemaFinding]:
        for written in writes:
            fit = [read for read in reads if _contains_type(read.type, written.type)]
            if not fit:
                yield SchemaFinding(
                    (), f"is written as {_format_types([written])}, and read as {_format_types(reads)} only"
                )
                continue
            yield from self._find_nearest(fit, written)

    def _find_nearest(self, reads: list[ValueShape], written: ValueShape) -> list[SchemaFinding]:
        """The findings against the nearest shape of the reader; enumerable values are compared one by one."""
        findings = min((list(self._compare_shape(read, written)) for read in reads), key=len)
        if not findings or len(reads) == 1 or len(written.words.get("enum", ())) == 1:
            return findings
        values = list_possible_values(written.type, written.words)
        if values is None:
            return findings
        shapes = [ValueShape(written.type, {**written.words, "enum": [value]}) for value in values]
        return [finding for shape in shapes for finding in self._find_nearest(reads, shape)]

    def _compare_shape(self, reader: ValueShape, writer: ValueShape) -> Iterator[SchemaFinding]:
        written = _with_implied_length(writer.words) if writer.type == "array" else writer.words
        yield from compare_keywords(reader.words, written, writer.type)
        yield from self._compare_excluded(reader.words, writer.words, writer.type)
        yield from self._compare_dependents(
            read_dependents(reader.words), read_dependents(writer.words), ObjectFields(writer.words).required
        )
        if writer.type == "array":
            yield from self._compare_arrays(reader.words, writer.words)
        elif writer.type == "object":
            yield from self._compare_names(reader.words, writer.words)
            names = self._list_names(self._writer, writer.words)
            fields = ObjectFields(writer.words)
            fields = fields if names is None else fields.restrict_names(names)
            yield from self._compare_objects(ObjectFields(reader.words), fields)

    def _compare_excluded(
        self, reader: Mapping[str, Any], writer: Mapping[str, Any], kind: str | None
    ) -> Iterator[SchemaFinding]:
        """Readers may exclude only what writers exclude; reader and writer swap roles inside `not`."""
        if "not" in reader and not _is_of_other_type(self._reader.expand(reader["not"]), kind):
            turned = _Judge(self._writer, self._reader)
            if "not" not in writer or any(turned.compare(writer["not"], reader["not"])):
                yield report_exclusion()

    def _compare_arrays(self, reader: Mapping[str, Any], writer: Mapping[str, Any]) -> Iterator[SchemaFinding]:
        read, written = ArrayItems(reader), ArrayItems(writer)
        for position in range(max(len(read.first), len(written.first))):
            yield from self._compare_place(read.get_item(position), written.get_item(position), str(position))
        yield from self._compare_place(read.rest, written.rest, ELEMENT)

    def _compare_names(self, reader: Mapping[str, Any], writer: Mapping[str, Any]) -> Iterator[SchemaFinding]:
        """Compares `propertyNames`: a closed object has no names but those that it declares."""
        if is_anything(reader.get("propertyNames", True)):
            return
        reads = self._reader.expand({"allOf": [_TEXT, reader["propertyNames"]]})
        allowed = writer.get("propertyNames", True)
        fields = ObjectFields(writer)
        if fields.patterns or not is_nothing(fields.others):
            for finding in self._compare_shapes(reads, self._writer.expand({"allOf": [_TEXT, allowed]})):
                yield finding.with_prefix("propertyNames")
            return
        named = [name for name, schema in fields.named.items() if not is_nothing(schema)]
        for shape in self._writer.expand({"allOf": [_TEXT, allowed, {"enum": named}]}):
            for name in shape.words["enum"]:
                if not self._takes_name(reads, shape, name):
                    yield SchemaFinding(
                        ("propertyNames",), f"the field {name} is written, and readers take no such name"
                    )

    def _takes_name(self, reads: list[ValueShape], shape: ValueShape, name: str) -> bool:
        """Whether readers take a name that writers may write; a pattern is tried on it."""
        written = ValueShape("string", {**shape.words, "enum": [name]})
        tried = [ValueShape(read.type, drop_matching_pattern(read.words, name)) for read in reads]
        return any(not any(self._compare_shape(read, written)) for read in tried if _contains_type(read.type, "string"))

    def _list_names(self, document: SchemaExpander, words: Mapping[str, Any]) -> list[str] | None:
        """The only names that `propertyNames` allows; None where it allows other names than it lists."""
        if "propertyNames" not in words:
            return None
        shapes = document.expand({"allOf": [_TEXT, words["propertyNames"]]})
        values = [list_possible_values(shape.type, shape.words) for shape in shapes]
        if any(names is None for names in values):
            return None
        return [str(name) for names in values for name in names or ()]

    def _compare_objects(self, reader: ObjectFields, writer: ObjectFields) -> Iterator[SchemaFinding]:
        for name in dict.fromkeys([*writer.named, *reader.named]):
            if name not in reader.named:
                yield from self._compare_removed(reader, writer, name)
            elif name not in writer.named:
                yield from self._compare_added(reader, writer, name)
            else:
                yield from self._compare_place(reader.named[name], writer.named[name], name)
        for name in reader.demanded - writer.required:
            yield SchemaFinding((name,), "is required by readers without a default, and not always written")
        yield from self._compare_others(reader, writer)

    def _compare_removed(self, reader: ObjectFields, writer: ObjectFields, name: str) -> Iterator[SchemaFinding]:
        """A field that writers write and readers do not know."""
        if reader.is_open or is_nothing(writer.named[name]):
            return
        place = reader.find_unnamed(name)
        if place is False:
            yield SchemaFinding(
                (name,), "is written, and readers take no field of that name (additionalProperties: false)"
            )
        else:
            yield from self._compare_place(place, writer.named[name], name)

    def _compare_added(self, reader: ObjectFields, writer: ObjectFields, name: str) -> Iterator[SchemaFinding]:
        """A field that readers know and writers do not."""
        place = writer.find_unnamed(name)
        if is_anything(reader.named[name]):
            return
        if writer.is_open:
            why = "is read as declared, and writers may write anything there: their object is open"
            yield SchemaFinding((name,), f"{why} (no additionalProperties: false)")
        elif place is not False:
            yield from self._compare_place(reader.named[name], place, name)

    def _compare_others(self, reader: ObjectFields, writer: ObjectFields) -> Iterator[SchemaFinding]:
        """Compares undeclared fields: by pattern, and all others."""
        for pattern, schema in reader.patterns.items():
            if writer.patterns and pattern not in writer.patterns:
                raise Undecidable(f"the pattern {pattern} of patternProperties beside other patterns")
            place = writer.patterns.get(pattern, writer.others)
            if place is not False:
                yield from self._compare_place(schema, place, f"/{pattern}/")
        if reader.others is False and writer.others is not False:
            yield SchemaFinding(
                (), "readers take no other fields (additionalProperties: false), and writers may write some"
            )
        else:
            yield from self._compare_place(reader.others, writer.others, OTHER)

    def _compare_place(self, reader: Any, writer: Any, *path: str) -> Iterator[SchemaFinding]:
        """Compares the schemas of one place; a reader without demands reads any value."""
        if _is_unrestricted(self._reader, reader) or is_nothing(writer):
            return
        if _is_unrestricted(self._writer, writer):
            yield SchemaFinding(path, "is read as declared, and writers may write anything there")
        else:
            yield from self.compare(reader, writer, *path)

    def _compare_dependents(
        self, reader: Dependents, writer: Dependents, required: frozenset[str]
    ) -> Iterator[SchemaFinding]:
        """Compares what the presence of a field demands of the others."""
        for name, demand in reader.items():
            kept = writer.get(name, Demand())
            missing = demand.fields - kept.fields - required - {name}
            if missing:
                fields = quote_names(sorted(missing))
                yield SchemaFinding((), f"readers demand {fields} beside {name}, and writers need not write that")
            for schema in demand.schemas:
                if not any(not any(self._compare_place(schema, other)) for other in (*kept.schemas, True)):
                    yield SchemaFinding((), f"readers demand more of an object with {name} than writers keep")


def _is_unrestricted(document: SchemaExpander, schema: Any) -> bool:
    """Whether every value is valid, combinations included."""
    return is_anything(schema) or any(is_anything(shape.words) for shape in document.expand(schema))


def _is_same_text(reader: Any, writer: Any) -> bool:
    """Whether two schemas have the same text and refer to no other place."""
    text = to_json_key(reader)
    return text == to_json_key(writer) and not any(
        f'"{word}"' in text for word in ("$ref", "$dynamicRef", "$recursiveRef")
    )


def _with_implied_length(words: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keywords with `maxItems` for a tuple that takes no further item."""
    items = ArrayItems(words)
    if not is_nothing(items.rest):
        return words
    length = len(items.first)
    return {**words, "maxItems": min(length, words.get("maxItems", length))}


def _is_of_other_type(shapes: list[ValueShape], kind: str | None) -> bool:
    """Whether all shapes name a type, and none of them is `kind`."""
    typed = all("type" in shape.words or "enum" in shape.words for shape in shapes)
    return (
        kind is not None
        and typed
        and not any(_contains_type(*pair) for s in shapes for pair in ((s.type, kind), (kind, s.type)))
    )


def _contains_type(reader: str | None, writer: str | None) -> bool:
    return reader is None or reader == writer or (reader, writer) == ("number", "integer")


def _format_types(shapes: Iterable[ValueShape]) -> str:
    return quote_names(dict.fromkeys(shape.type or "anything" for shape in shapes))
