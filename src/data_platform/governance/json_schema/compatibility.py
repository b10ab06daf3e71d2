"""Whether a reader of one JSON Schema reads what is written under another, as a schema registry means it.

The content model is the registry's: an object is *open* unless it says `additionalProperties: false` (or a schema for
the rest). Whoever writes an open object may write anything under any name, so naming a field there later demands of old
events what nobody promised; whoever reads an open object ignores what he does not know. A field that is not required
may be added to a closed object, and removed from an open one. A `default` stands in for a required field.

`propertyNames` is not compared, and a changed `pattern` always differs: no regular expression is proved to contain
another. What cannot be compared is a finding, never a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from data_platform.governance.findings import Finding
from data_platform.governance.json_schema.bounds import json_key, possible_values
from data_platform.governance.json_schema.keywords import excluded, keyword_findings, quoted
from data_platform.governance.json_schema.objects import (
    Demand,
    Dependents,
    Fields,
    Items,
    dependents,
    is_anything,
    is_nothing,
)
from data_platform.governance.json_schema.shapes import Document, Shape, Undecidable

ELEMENT, OTHER = "element", "value"


def unread_json(reader: Any, writer: Any) -> list[Finding]:
    """What keeps a reader of the schema `reader` from what is written under `writer`; both are JSON values."""
    if isinstance(reader, bool) and isinstance(writer, bool):
        return []
    if writer is False:
        return [Finding((), "nothing may be written, and readers expect something")]
    if json_key(reader) == json_key(writer):
        return []
    judge = _Judge(Document(reader), Document(writer))
    try:
        return list(dict.fromkeys(judge.unread(reader, writer)))
    except Undecidable as error:
        return [Finding((), f"cannot be compared: {error}")]


class _Judge:
    """Compares the schemas of two documents; each pair once, so that schemas may refer to themselves."""

    def __init__(self, reader: Document, writer: Document) -> None:
        self._reader = reader
        self._writer = writer
        self._known: dict[tuple[int, int], tuple[Finding, ...]] = {}

    def unread(self, reader: Any, writer: Any, *path: str) -> Iterator[Finding]:
        """What of `writer` is not read by `reader`, which stand at `path` of their objects."""
        pair = id(reader), id(writer)
        if pair not in self._known:
            self._known[pair] = ()
            if _alike(reader, writer):
                return iter(())
            self._known[pair] = tuple(self._compared(self._reader.shapes(reader), self._writer.shapes(writer)))
        return (finding.under(*path) for finding in self._known[pair])

    def _compared(self, reads: list[Shape], writes: list[Shape]) -> Iterator[Finding]:
        for written in writes:
            fit = [read for read in reads if _covers(read.type, written.type)]
            if not fit:
                yield Finding((), f"is written as {_types([written])}, and read as {_types(reads)} only")
                continue
            yield from self._nearest(fit, written)

    def _nearest(self, reads: list[Shape], written: Shape) -> list[Finding]:
        """The findings against the reader's shape that is nearest; values that can be counted may differ in theirs."""
        found = min((list(self._shape(read, written)) for read in reads), key=len)
        if not found or len(reads) == 1 or len(written.words.get("enum", ())) == 1:
            return found
        values = possible_values(written.type, written.words)
        if values is None:
            return found
        each = [Shape(written.type, {**written.words, "enum": [value]}) for value in values]
        return [finding for shape in each for finding in self._nearest(reads, shape)]

    def _shape(self, reader: Shape, writer: Shape) -> Iterator[Finding]:
        written = _with_implied_length(writer.words) if writer.type == "array" else writer.words
        yield from keyword_findings(reader.words, written, writer.type)
        yield from self._excluded(reader.words, writer.words, writer.type)
        yield from self._dependent(dependents(reader.words), dependents(writer.words), Fields(writer.words).required)
        if writer.type == "array":
            yield from self._array(reader.words, writer.words)
        elif writer.type == "object":
            yield from self._object(Fields(reader.words), Fields(writer.words))

    def _excluded(self, reader: Mapping[str, Any], writer: Mapping[str, Any], kind: str | None) -> Iterator[Finding]:
        """Readers may exclude only what writers exclude: the other way round, what the one excludes the other reads."""
        if "not" in reader and not _is_of_other_type(self._reader.shapes(reader["not"]), kind):
            turned = _Judge(self._writer, self._reader)
            if "not" not in writer or any(turned.unread(writer["not"], reader["not"])):
                yield excluded()

    def _array(self, reader: Mapping[str, Any], writer: Mapping[str, Any]) -> Iterator[Finding]:
        read, written = Items(reader), Items(writer)
        for position in range(max(len(read.first), len(written.first))):
            yield from self._rest(read.at(position), written.at(position), str(position))
        yield from self._rest(read.rest, written.rest, ELEMENT)

    def _object(self, reader: Fields, writer: Fields) -> Iterator[Finding]:
        for name in dict.fromkeys([*writer.named, *reader.named]):
            if name not in reader.named:
                yield from self._removed(reader, writer, name)
            elif name not in writer.named:
                yield from self._added(reader, writer, name)
            else:
                yield from self._rest(reader.named[name], writer.named[name], name)
        for name in reader.demanded - writer.required:
            yield Finding((name,), "is required by readers without a default, and not always written")
        yield from self._others(reader, writer)

    def _removed(self, reader: Fields, writer: Fields, name: str) -> Iterator[Finding]:
        """A field that writers write and readers do not know."""
        if reader.is_open or is_nothing(writer.named[name]):
            return
        place = reader.unnamed(name)
        if place is False:
            yield Finding((name,), "is written, and readers take no field of that name (additionalProperties: false)")
        else:
            yield from self._rest(place, writer.named[name], name)

    def _added(self, reader: Fields, writer: Fields, name: str) -> Iterator[Finding]:
        """A field that readers know and writers do not."""
        place = writer.unnamed(name)
        if is_anything(reader.named[name]):
            return
        if writer.is_open:
            why = "is read as declared, and writers may write anything there: their object is open"
            yield Finding((name,), f"{why} (no additionalProperties: false)")
        elif place is not False:
            yield from self._rest(reader.named[name], place, name)

    def _others(self, reader: Fields, writer: Fields) -> Iterator[Finding]:
        """Fields without a name: by pattern, and all the rest."""
        for pattern, schema in reader.patterns.items():
            place = writer.patterns.get(pattern, writer.others)
            if place is not False:
                yield from self._rest(schema, place, f"/{pattern}/")
        if reader.others is False and writer.others is not False:
            yield Finding((), "readers take no other fields (additionalProperties: false), and writers may write some")
        else:
            yield from self._rest(reader.others, writer.others, OTHER)

    def _rest(self, reader: Any, writer: Any, *path: str) -> Iterator[Finding]:
        """What may stand in a place that nothing is said of: anything is read where nothing is demanded."""
        if _takes_all(self._reader, reader) or is_nothing(writer):
            return
        if _takes_all(self._writer, writer):
            yield Finding(path, "is read as declared, and writers may write anything there")
        else:
            yield from self.unread(reader, writer, *path)

    def _dependent(self, reader: Dependents, writer: Dependents, required: frozenset[str]) -> Iterator[Finding]:
        """What the presence of a field demands of the others."""
        for name, demand in reader.items():
            kept = writer.get(name, Demand())
            missing = demand.fields - kept.fields - required - {name}
            if missing:
                fields = quoted(sorted(missing))
                yield Finding((), f"readers demand {fields} beside {name}, and writers need not write that")
            for schema in demand.schemas:
                if not any(not any(self._rest(schema, other)) for other in (*kept.schemas, True)):
                    yield Finding((), f"readers demand more of an object with {name} than writers keep")


def _takes_all(document: Document, schema: Any) -> bool:
    """Whether every value is valid, combinations looked through."""
    return is_anything(schema) or any(is_anything(shape.words) for shape in document.shapes(schema))


def _alike(reader: Any, writer: Any) -> bool:
    """Whether two schemas say the same by their text alone: neither refers to another place."""
    text = json_key(reader)
    return text == json_key(writer) and not any(
        f'"{word}"' in text for word in ("$ref", "$dynamicRef", "$recursiveRef")
    )


def _with_implied_length(words: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tuple that takes no further item is no longer than that."""
    items = Items(words)
    if not is_nothing(items.rest):
        return words
    length = len(items.first)
    return {**words, "maxItems": min(length, words.get("maxItems", length))}


def _is_of_other_type(shapes: list[Shape], kind: str | None) -> bool:
    """Whether no value of the type `kind` has one of the shapes, which name their types themselves."""
    typed = all("type" in shape.words or "enum" in shape.words for shape in shapes)
    return (
        kind is not None
        and typed
        and not any(_covers(*pair) for s in shapes for pair in ((s.type, kind), (kind, s.type)))
    )


def _covers(reader: str | None, writer: str | None) -> bool:
    return reader is None or reader == writer or (reader, writer) == ("number", "integer")


def _types(shapes: Iterable[Shape]) -> str:
    return quoted(dict.fromkeys(shape.type or "anything" for shape in shapes))
