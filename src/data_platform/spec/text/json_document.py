"""JSON text as a tree with the line and column of every value and key; hostile text is refused early.

The grammar is RFC 8259 without what readers disagree on: no duplicate keys, no NaN, no half surrogate pairs.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from data_platform.errors import InvalidSpec, Problem

MAX_CHARACTERS = 1_000_000
MAX_VALUES = 50_000
MAX_DEPTH = 100
MAX_DIGITS = 40
MAX_PROBLEMS = 100
_BLANKS = 1000
"""So many characters are searched backwards for a comma."""

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and its place; `line` and `column` count from 1."""

    value: Scalar | list[Node] | dict[str, Member]
    line: int
    column: int

    @property
    def words(self) -> dict[str, Member]:
        """The members of an object; of anything else, none."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The items of an array; of anything else, none."""
        return self.value if isinstance(self.value, list) else []

    def to_plain(self) -> Plain:
        """The value without positions."""
        if isinstance(self.value, dict):
            return {key: member.node.to_plain() for key, member in self.value.items()}
        return [item.to_plain() for item in self.value] if isinstance(self.value, list) else self.value


@dataclass(frozen=True, slots=True)
class Member:
    """One `"key": value` of an object; `key` holds the key's own position."""

    key: Node
    node: Node


class JsonReport:
    """Collects the problems of one file, so that all are reported together."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, where: Node, message: str, hint: str | None = None) -> None:
        """Note a problem at a node; more than the limit raise InvalidSpec at once."""
        self.problems.append(Problem(self.file, where.line, where.column, message, hint))
        if len(self.problems) >= MAX_PROBLEMS:
            self.check()

    def stop(self, where: Node, message: str, hint: str | None = None) -> InvalidSpec:
        """Note a problem after which nothing more can be read, as the error to raise."""
        return InvalidSpec([*self.problems, Problem(self.file, where.line, where.column, message, hint)])

    def check(self) -> None:
        """Raise InvalidSpec when there was any problem."""
        if self.problems:
            raise InvalidSpec(list(dict.fromkeys(self.problems)))


def parse_json(text: str, report: JsonReport) -> Node:
    """The tree of a JSON text; InvalidSpec when it is not JSON, too large or too deep."""
    text = text.removeprefix("\ufeff")
    start = Node(None, 1, 1)
    if len(text) > MAX_CHARACTERS:
        raise report.stop(start, f"the file has {len(text):,} characters, {MAX_CHARACTERS:,} is the limit")
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise report.stop(*explain_json_error(text, error)) from None
    except RecursionError:
        raise report.stop(start, f"nested deeper than {MAX_DEPTH} levels") from None
    root = _Builder(text, report).build_value(0)
    report.check()
    return root


def explain_json_error(text: str, error: json.JSONDecodeError) -> tuple[Node, str, str | None]:
    """The place, the message and the hint for a text that is not JSON."""
    at, before = error.pos, text[: error.pos].rstrip()
    if not text.strip():
        return Node(None, 1, 1), "this is not JSON: the file is empty", 'write {"type": "object", "properties": {…}}'
    if not text[at:].strip() and "control character" not in error.msg:
        place = max(len(before) - 1, 0)
        opened = "a text in quotes" if "Unterminated" in error.msg else "an object or a list"
        return _locate_node(text, place), f"this is not JSON: the file ends inside {opened}", "write it to its end"
    message, advice = explain_json_syntax(text, at, error.msg)
    return _locate_node(text, at), f"this is not JSON: {message}", advice


def explain_json_syntax(text: str, at: int, said: str) -> tuple[str, str | None]:
    """The message and the hint for text that breaks JSON's syntax at an offset, where Python's parser `said` that."""
    after_comma = text[max(at - _BLANKS, 0) : at].rstrip().endswith(",")
    for pattern, message, hint in _NO_JSON:
        if pattern.match(text, at) and (after_comma or not message.endswith("comma")):
            return message, hint
    return next(((message, hint) for word, message, hint in _SAID if word in said), (said.lower(), None))


def _locate_node(text: str, at: int) -> Node:
    return Node(None, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


_NO_JSON = (
    (re.compile(r"//|/\*|#"), "it has no comments", "remove the comment, or write it as a description"),
    (re.compile("'"), "texts are written in double quotes", "write \" instead of '"),
    (re.compile(r"[}\]]"), "this bracket follows a comma", "remove the comma"),
    (re.compile(r"(?:True|False|None)\b"), "this is a word of Python", "write true, false or null"),
    (re.compile(r"(?i:undefined|nan|[+-]?inf(?:inity)?)\b"), "this is no value", "write null, or leave the key out"),
    (re.compile(r"[\u201c\u201d\u201e\u2018\u2019]"), "these are typographic quotes", 'write " instead'),
    (re.compile(r"[+.]\d"), "a number begins with a digit or a minus", "write 0.5, not .5 or +0.5"),
)
"""Errors of JSON's syntax: the pattern of the text, the message and the hint."""
_SAID = (
    ("property name", "a key in double quotes is missing", 'write "KEY": VALUE'),
    ("',' delimiter", "a comma or a closing bracket is missing before this", "add it"),
    ("':' delimiter", "a colon is missing behind the key", 'write "KEY": VALUE'),
    (
        "Expecting value",
        "this is no value",
        "a value is a text in double quotes, a number, true, false, null, […] or {…}",
    ),
    ("Unterminated string", "the quote that opens here is not closed", 'close it with "'),
    (
        "Invalid control character",
        "a line break or a tab is inside a text",
        'close the text with ", or write \\n or \\t',
    ),
    ("escape", "this escape is unknown", "write a backslash twice"),
    ("Extra data", "more text follows the end of the document", "keep one object in the file"),
)
"""Messages of Python's parser: a part of its message, ours and the hint."""
# The text is known to be JSON when this runs, so it only has to separate the tokens.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_HALF_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}


class _Builder:
    """Builds the tree of a text that is known to be JSON."""

    def __init__(self, text: str, report: JsonReport) -> None:
        self._report = report
        self._lines = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
        self._tokens: Iterator[re.Match[str]] = _TOKEN.finditer(text)
        self._values = 0

    def build_value(self, depth: int) -> Node:
        return self._build_value(next(self._tokens), depth)

    def _build_value(self, token: re.Match[str], depth: int) -> Node:
        place = self._locate_token(token)
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._report.stop(place, f"the file holds more than {MAX_VALUES:,} values")
        if depth > MAX_DEPTH:
            raise self._report.stop(place, f"nested deeper than {MAX_DEPTH} levels")
        match token[0][0]:
            case "{":
                return Node(self._build_members(depth), place.line, place.column)
            case "[":
                return Node(self._build_items(depth), place.line, place.column)
            case _:
                return self._build_scalar(token[0], place)

    def _build_members(self, depth: int) -> dict[str, Member]:
        members: dict[str, Member] = {}
        while (token := next(self._tokens))[0] != "}":
            if token[0] == ",":
                continue
            key = self._build_scalar(token[0], self._locate_token(token))
            next(self._tokens)  # the colon
            name = str(key.value)
            if name in members:
                first = members[name].key
                self._report.add(key, f"{name!r} appears twice, first in line {first.line}", "remove one of them")
            members[name] = Member(key, self.build_value(depth + 1))
        return members

    def _build_items(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while (token := next(self._tokens))[0] != "]":
            if token[0] != ",":
                items.append(self._build_value(token, depth + 1))
        return items

    def _build_scalar(self, token: str, place: Node) -> Node:
        if token in _WORDS:
            return Node(_WORDS[token], place.line, place.column)
        value = self._read_text(token, place) if token[0] == '"' else self._read_number(token, place)
        return Node(value, place.line, place.column)

    def _read_text(self, token: str, place: Node) -> str:
        text: str = json.loads(token)
        if "\x00" in text or _HALF_SURROGATE.search(text):
            self._report.add(place, "the text holds a NUL character or half a surrogate pair", "remove it")
        return text

    def _read_number(self, token: str, place: Node) -> int | float:
        if token in ("NaN", "Infinity", "-Infinity"):
            self._report.add(place, f"{token} is not JSON", "leave the word out to set no bound")
            return 0
        if len(token) > MAX_DIGITS:
            self._report.add(place, f"a number of {len(token):,} characters, {MAX_DIGITS} is the limit")
            return 0
        number: int | float = json.loads(token)
        if number in (float("inf"), float("-inf")):
            self._report.add(place, f"{token} is too large for a number")
        return number

    def _locate_token(self, token: re.Match[str]) -> Node:
        line = bisect_right(self._lines, token.start())
        return Node(None, line, token.start() - self._lines[line - 1] + 1)
