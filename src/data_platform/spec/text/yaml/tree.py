"""YAML text as a tree with the line and column of every key and value, safe against hostile input.

Read event by event, so that depth and number of nodes are judged before anything is built. Aliases work within the
number of nodes that they repeat; recursive ones, merge keys, tags, directives and further documents are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import yaml

from data_platform.spec.text.file import locate_offset
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.report import WHOLE_FILE, Place, Report
from data_platform.spec.text.yaml.messages import explain_error
from data_platform.spec.text.yaml.quotes import LOADER
from data_platform.spec.text.yaml.scalars import ScalarKind, detect_kind

MAX_DEPTH = 32
MAX_NODES = 50_000

_DIRECTIVE = re.compile(r"^%", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One word or text; the kind of a quoted one is always text."""

    place: Place
    text: str
    kind: ScalarKind
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple[Node, ...]
    size: int
    height: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values; a key that appears twice is here once and reported."""

    place: Place
    entries: tuple[tuple[Scalar, Node], ...]
    size: int
    height: int


_Content = yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent

Node = Scalar | Sequence | Mapping
"""`size` counts a node and all below it, `height` the levels; an alias counts as all that it repeats."""


def parse_yaml(text: str, report: Report, needs: str = "is this the right file?") -> Node:
    """The one document of a text; a problem after which reading cannot continue raises InvalidSpec through `report`.

    `needs` is the hint for an empty file.
    """
    if match := _DIRECTIVE.search(text):
        report.fail(locate_offset(text, match.start()), "YAML directives (%) are not read here", "remove the line")
    try:
        return _Builder(yaml.parse(text, Loader=LOADER), report).build_document(needs)
    except yaml.MarkedYAMLError as error:
        report.fail(*explain_error(error, text))
    except yaml.YAMLError as error:
        report.fail(Place(1, 1), f"this is not YAML: {error}")


class _Builder:
    """Builds the tree of one stream of events."""

    def __init__(self, events: Iterator[yaml.Event], report: Report) -> None:
        self._events = events
        self._report = report
        self._nodes = 0
        self._anchors: dict[str, Node | None] = {}

    def build_document(self, needs: str) -> Node:
        """The stream's only document."""
        next(self._events)
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._report.fail(_read_place(start), "the file is empty", needs)
        node = self._build_node(next(self._events), 1)
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._report.fail(_read_place(after), "a second YAML document begins here", "keep one document a file")
        return node

    def _build_node(self, event: yaml.Event, depth: int) -> Node:
        self._judge_depth(depth, event)
        if isinstance(event, yaml.AliasEvent):
            return self._resolve_alias(event, depth)
        content = cast(_Content, event)
        self._count(1, content)
        self._refuse_tag(content)
        if content.anchor is not None:
            self._anchors[content.anchor] = None
        node = self._build_content(content, depth)
        if content.anchor is not None:
            self._anchors[content.anchor] = node
        return node

    def _refuse_tag(self, event: _Content) -> None:
        if event.tag is not None:
            text = f"; to make it text write {quote_text(event.value)}" if isinstance(event, yaml.ScalarEvent) else ""
            tag = quote_text(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self._report.fail(_read_place(event), f"YAML tags such as {tag} are not read here", f"remove it{text}")

    def _build_content(self, event: _Content, depth: int) -> Node:
        match event:
            case yaml.SequenceStartEvent():
                return self._build_sequence(event, depth)
            case yaml.MappingStartEvent():
                return self._build_mapping(event, depth)
            case yaml.ScalarEvent():
                kind = detect_kind(event.value) if event.implicit[0] else ScalarKind.TEXT
                return Scalar(_read_place(event), event.value, kind)

    def _build_sequence(self, start: yaml.Event, depth: int) -> Sequence:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._build_node(event, depth + 1))
        size, height = _measure_node(items)
        return Sequence(_read_place(start), tuple(items), size, height)

    def _build_mapping(self, start: yaml.Event, depth: int) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._build_node(event, depth + 1)
            value = self._build_node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._report.error(key.place, "a key must be a word, not a list or a mapping")
            elif key.kind is ScalarKind.MERGE:
                self._report.error(key.place, "merge keys (<<) are not read here", "write the keys out")
            elif key.text in entries:
                first = entries[key.text][0].place.line
                self._report.error(
                    key.place, f"{quote_text(key.text)} appears twice, first in line {first}", "keep one"
                )
            else:
                entries[key.text] = (key, value)
        size, height = _measure_node([value for _, value in entries.values()])
        return Mapping(_read_place(start), tuple(entries.values()), size + len(entries), height)

    def _resolve_alias(self, event: yaml.AliasEvent, depth: int) -> Node:
        name = quote_text(event.anchor or "")
        if event.anchor not in self._anchors:
            self._report.fail(_read_place(event), f"the alias {name} names no anchor", "write the value out")
        node = self._anchors[event.anchor]
        if node is None:
            self._report.fail(_read_place(event), f"the alias {name} holds itself", "write the value out")
        self._count(node.size, event)
        self._judge_depth(depth + node.height - 1, event)
        return node

    def _judge_depth(self, depth: int, event: yaml.Event) -> None:
        if depth > MAX_DEPTH:
            self._report.fail(_read_place(event), f"nested deeper than {MAX_DEPTH} levels")

    def _count(self, nodes: int, event: yaml.Event) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            message = f"the file holds more than {MAX_NODES:,} values, aliases written out"
            self._report.fail(_read_place(event), message, "write it shorter, without aliases")


def _measure_node(inner: list[Node]) -> tuple[int, int]:
    """Size and height of a node with these inner ones."""
    return 1 + sum(node.size for node in inner), 1 + max((node.height for node in inner), default=0)


def _read_place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else WHOLE_FILE
