"""A foreign document: its values, and the line and column of each.

Foreign files are hostile: the text goes through `yaml_text`, and a value of the wrong kind is a problem with its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_platform.spec.text.file import read_text
from data_platform.spec.text.names import quote_text
from data_platform.spec.text.report import WHOLE_FILE, Place, Report
from data_platform.spec.text.yaml import tree
from data_platform.spec.text.yaml.scalars import ScalarKind, parse_value

Step = str | int
Plain = Any


@dataclass(frozen=True)
class Document:
    """A document of a file: `root` is its value, `places` has the place of each of its paths."""

    path: Path
    text: str
    report: Report
    root: dict[str, Plain]
    places: Mapping[tuple[Step, ...], Place]

    def find_place(self, path: tuple[Step, ...]) -> Place:
        """The place of a path; of its nearest ancestor in the file when it is not there itself."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, WHOLE_FILE)


def read_document(path: Path) -> Document:
    """The one YAML (or JSON) document of a file; InvalidSpec when it is none, or no mapping."""
    return parse_document(path, read_text(path, Report(str(path))))


def parse_document(path: Path, text: str) -> Document:
    """The one document of the text of the file at `path`; InvalidSpec as above."""
    report = Report(str(path))
    node = tree.parse_yaml(text, report)
    if not isinstance(node, tree.Mapping):
        report.fail(node.place, "a document of ODPS or ODCS is a mapping of fields", "is this the right file?")
    places: dict[tuple[Step, ...], Place] = {}
    root = _convert_node(node, (), places, report)
    return Document(path, text, report, root, places)


def _convert_node(
    node: tree.Node, path: tuple[Step, ...], places: dict[tuple[Step, ...], Place], report: Report
) -> Plain:
    places[path] = node.place
    match node:
        case tree.Mapping(entries=entries):
            return {key.text: _convert_node(value, (*path, key.text), places, report) for key, value in entries}
        case tree.Sequence(items=items):
            return [_convert_node(item, (*path, at), places, report) for at, item in enumerate(items)]
        case tree.Scalar(kind=ScalarKind.HUGE | ScalarKind.NOT_FINITE):
            report.error(
                node.place,
                f"{quote_text(node.text)} is {node.kind.value}",
                f"as text, quote it: {quote_text(node.text)}",
            )
        case tree.Scalar(text=text) if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            report.error(node.place, "the text holds NUL or half a surrogate pair", "remove it")
    return parse_value(node.text, node.kind)


def convert_node(node: tree.Node, report: Report) -> Plain:
    """The value of a node; what is no value of JSON goes into the report."""
    return _convert_node(node, (), {}, report)


@dataclass(frozen=True)
class View:
    """A mapping inside a document; a value of the wrong kind is reported and taken for missing."""

    document: Document
    path: tuple[Step, ...]
    value: Mapping[str, Plain]

    def __contains__(self, key: str) -> bool:
        return self.value.get(key) is not None

    def read_text(self, key: str) -> str | None:
        """Text; a number is taken as it would be written."""
        value = self.value.get(key)
        if isinstance(value, bool) or not isinstance(value, str | int | float | None):
            self._report_kind(key, "text")
            return None
        return None if value is None else str(value)

    def read_flag(self, key: str) -> bool:
        """True or false; false when missing."""
        value = self.value.get(key, False)
        if value is not None and not isinstance(value, bool):
            self._report_kind(key, "true or false")
        return value is True

    def read_number(self, key: str) -> int | float | None:
        """A number."""
        value = self.value.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            self._report_kind(key, "a number")
            return None
        return value

    def read_plains(self, key: str) -> list[Plain]:
        """The items of a list, of any kind."""
        value = self.value.get(key)
        if not isinstance(value, list | None):
            self._report_kind(key, "a list")
            return []
        return value or []

    def read_texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list."""
        items = self.read_plains(key)
        for at, item in enumerate(items):
            if not isinstance(item, str):
                self.error(f"an entry of `{key}` must be text", key, at)
        return tuple(dict.fromkeys(item for item in items if isinstance(item, str) and item.strip()))

    def read_view(self, key: str) -> View:
        """A mapping; an empty one when missing."""
        value = self.value.get(key)
        if not isinstance(value, Mapping | None):
            self._report_kind(key, "a mapping of fields")
            value = None
        return View(self.document, (*self.path, key), value or {})

    def read_views(self, key: str) -> list[View]:
        """The mappings of a list."""
        return list(self._iterate_views(key))

    def _iterate_views(self, key: str) -> Iterator[View]:
        for at, item in enumerate(self.read_plains(key)):
            if isinstance(item, Mapping):
                yield View(self.document, (*self.path, key, at), item)
            else:
                self.error(f"an entry of `{key}` must be a mapping of fields", key, at)

    def error(self, message: str, *steps: Step, hint: str | None = None) -> None:
        """Report a problem at a value inside."""
        self.document.report.error(self.document.find_place((*self.path, *steps)), message, hint)

    def warn(self, message: str, *steps: Step, hint: str | None = None) -> None:
        """Report a warning at a value inside."""
        self.document.report.warn(self.document.find_place((*self.path, *steps)), message, hint)

    def _report_kind(self, key: str, kind: str) -> None:
        value = self.value.get(key)
        actual = (
            "a list"
            if isinstance(value, list)
            else "a mapping"
            if isinstance(value, Mapping)
            else quote_text(str(value))
        )
        self.error(f"`{key}` must be {kind}, not {actual}", key)
