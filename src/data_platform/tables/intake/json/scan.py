"""Scans the rows of a JSON file: strictly RFC 8259, in bounded memory, with every number as its digits.

A file is one array of objects, or a sequence of objects, each of which begins on its own line (JSON lines). Errors that
JSON readers often accept are refused with row and line: a duplicate key, NaN and Infinity, half a surrogate pair, text
after the last bracket.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from json.scanner import c_make_scanner  # type: ignore[attr-defined]
from typing import Any, NoReturn, cast

from data_platform.errors import UnreadableData
from data_platform.spec.text.json_document import explain_json_syntax
from data_platform.spec.text.names import quote_text
from data_platform.tables.intake.format_detection import make_utf_8_error
from data_platform.tables.intake.row_limit import LARGEST_ROW, make_long_row_error

Row = dict[str, Any]
MOST_ROWS = 32_768
MOST_TEXT = 8 * 1024 * 1024
"""Rows are handed on when so many of them, or rows of so much text, are in memory."""
_LONGEST_TOKEN = 32  # of those that a block's end can cut so that they look wrong: literals and escapes
_space = re.compile(r"[ \t\r\n]*").match
_blanks = re.compile(r"[ \t\r]*").match
_MOST_BYTES = 4  # of a character in UTF-8
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_ONE_KEY = "keep one of them: readers of JSON differ in which of the two they take"
_COMMENT = ("//", "/*", "#")
_COMMENTS = "remove the comment: JSON has none"
_NULL = "write null, or leave the key out"
_ROW = 'a row is an object such as {"id": 1}'


class NumberText(str):
    """A number with a fraction or an exponent, as text of the file; whole numbers are int."""

    __slots__ = ()


class _Refused(ValueError):
    """Raised by the scanner's hooks; the message is the reason."""


class _DuplicateKey(_Refused):
    """An object has a duplicate key."""


def _build_object(pairs: list[tuple[str, Any]]) -> Row:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DuplicateKey
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise _Refused(f"holds {name}, which is no JSON")


class _Context:
    """The decoder attributes that json.scanner uses."""

    strict = True
    memo: dict[str, str] = {}  # noqa: RUF012 (the scanner has its own memo)
    object_hook = None
    object_pairs_hook = staticmethod(_build_object)
    parse_float = NumberText
    parse_int = int
    parse_constant = staticmethod(_refuse_constant)


_scan = c_make_scanner(_Context)


@dataclass(slots=True)
class Scanner:
    """Reads rows from the blocks of one file; `place` names it."""

    blocks: Iterator[bytes]
    place: str
    row_limit: int = LARGEST_ROW
    text: str = ""
    at: int = 0
    line: int = 1
    """The line in which `text` begins."""
    row: int = 0
    ended: bool = False
    _size: int = 0
    """The length of all text so far."""
    _has_escapes: bool = False
    """Whether `text` may hold half a surrogate pair."""
    _decoder: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))

    def read_rows(self, before: Iterable[Row] = ()) -> Iterator[list[Row]]:
        """The rows, after those of `before`, in lists of bounded length."""
        self._skip_space()
        is_array = self.row == 0 and self.text.startswith("[", self.at)
        rows, until = list(before), self._size + MOST_TEXT
        for row in self._read_array() if is_array else self.read_objects():
            rows.append(row)
            if len(rows) >= MOST_ROWS or self._size > until:
                yield rows
                rows, until = [], self._size + MOST_TEXT
        if rows:
            yield rows

    def read_objects(self) -> Iterator[Row]:
        """The objects, each of which begins on its own line."""
        while not self._is_over():
            yield from self._read_plain_lines()
            if self._is_over():
                return
            yield self._read_row()
            self._skip(_blanks)
            if self.text[self.at : self.at + 1] not in ("", "\n"):
                raise self._make_error("is followed by something else on its line")

    def _read_plain_lines(self) -> Iterator[Row]:
        """The objects that fill one line each, which is the usual case, as far as this block contains them."""
        text = self.text
        while not self._has_escapes and text.startswith("{", self.at):
            try:
                row, end = _scan(text, self.at)
            except (StopIteration, ValueError, RecursionError):
                return  # `_read_row` reports the reason
            if text[end : end + 1] != "\n" or (end - self.at) * _MOST_BYTES > self.row_limit:
                return
            self.row += 1
            self.at = end + 1
            yield row

    def _read_array(self) -> Iterator[Row]:
        self.at += 1
        if self._read_next() == "]":
            self.at += 1
        else:
            yield self._read_row()
            while (sign := self._read_next()) == ",":
                self.at += 1
                self._read_next()
                yield self._read_row()
            if sign != "]":
                what = "ends too early: its array is not closed" if not sign else f"has no comma after row {self.row:,}"
                hint = _COMMENTS if self.text.startswith(_COMMENT, self.at) else None
                raise UnreadableData(f"{self.place} {what} (line {self._find_line():,})", hint=hint)
            self.at += 1
        if not self._is_over():
            raise UnreadableData(f"{self.place} has text after the end of its array (line {self._find_line():,})")

    def _read_row(self) -> Row:
        """The object at this position; raises UnreadableData if there is none."""
        self.row += 1
        if not self.text.startswith("{", self.at):
            raise self._make_row_error()
        while True:
            try:
                row, end = _scan(self.text, self.at)
                break
            except StopIteration as error:
                problem, place = "Expecting value", int(error.value)
            except JSONDecodeError as error:
                problem, place = error.msg, error.pos
            except _DuplicateKey:
                key = _name_duplicate_key(self.text, self.at)
                raise self._make_error(f"has {key} twice in one object", hint=_ONE_KEY) from None
            except _Refused as error:
                raise self._make_error(str(error), hint=_NULL) from None
            except ValueError:  # Python reads no integer of more than 4,300 digits
                raise self._make_error("holds a number of too many digits") from None
            except RecursionError:
                raise self._make_error("is nested too deeply") from None
            length = place - self.at  # a further block moves the row to the start of the text
            is_final = place + _LONGEST_TOKEN < len(self.text) and "Unterminated" not in problem
            if is_final or not self._read_longer():
                place = self.at + length
                self.at = self._end_of_token(place)
                raise self._make_syntax_error(problem, place)
        if self._has_escapes and not _is_unicode(row):
            raise self._make_error("holds half a surrogate pair, which is no text")
        self._require_short_row(end)
        self.at = end
        return cast(Row, row)

    def _make_syntax_error(self, said: str, place: int) -> UnreadableData:
        """The error for a row that breaks JSON's syntax at `place`, where Python's parser `said` that."""
        if self.ended and place >= len(self.text.rstrip()):
            problem = f": {said.lower().removesuffix(' at')}" if said != "Expecting value" else ""
            return self._make_error(f"is not JSON{problem} (was the file written to its end?)")
        message, hint = explain_json_syntax(self.text, place, said)
        return self._make_error(f"is not JSON: {message}", hint=hint)

    def _make_row_error(self) -> UnreadableData:
        """The error for a row that is not an object."""
        if self.text.startswith("]", self.at) and self.row > 1:
            return self._make_error("is missing: a comma comes before the end of the array", hint="remove the comma")
        hint = _COMMENTS if self.text.startswith(_COMMENT, self.at) else _ROW
        return self._make_error("is not an object", hint=hint)

    def _end_of_token(self, place: int) -> int:
        """The last character before `place`, where `place` is the end of the file or the start of another row."""
        rest = _space(self.text, place)
        if rest is None or self.text[rest.end() : rest.end() + 1] not in ("", "{"):
            return place
        return max(len(self.text[:place].rstrip()) - 1, self.at)

    def _read_next(self) -> str:
        self._skip_space()
        return self.text[self.at : self.at + 1]

    def _is_over(self) -> bool:
        self._skip_space()
        return self.at >= len(self.text)

    def _skip_space(self) -> None:
        self._skip(_space)

    def _skip(self, match_some: Callable[[str, int], re.Match[str] | None]) -> None:
        while True:
            match = match_some(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text) or not self._read_more():
                return

    def _read_longer(self) -> bool:
        """Doubles the unread text, so that a row of many blocks is not scanned once for each; False at the end.

        Raises TooLarge for a row that is too long already.
        """
        size = len(self.text) - self.at
        self._require_short_row(len(self.text))
        while len(self.text) - self.at < min(2 * size, self.row_limit) and self._read_more():
            pass
        return len(self.text) - self.at > size or self._read_more()

    def _require_short_row(self, end: int) -> None:
        """Raises TooLarge if the row, which reaches to `end` at least, has too many bytes."""
        size = end - self.at
        if size * _MOST_BYTES > self.row_limit:
            size = len(self.text[self.at : end].encode("utf-8", "surrogatepass"))
        if size > self.row_limit:
            raise make_long_row_error(self.place, self._find_line(), size, self.row_limit, self.row)

    def _read_more(self) -> bool:
        """Adds the next block to the unread text; False at the end."""
        if self.ended:
            return False
        block = next(self.blocks, None)
        self.ended = block is None
        try:
            new = self._decoder.decode(block or b"", final=self.ended)
        except UnicodeDecodeError as error:
            line = self.line + self.text.count("\n") + error.object.count(b"\n", 0, error.start)
            raise make_utf_8_error(self.place, line) from None
        self.line += self.text.count("\n", 0, self.at)
        self.text, self.at = self.text[self.at :] + new, 0
        self._size += len(new)
        self._has_escapes = _HALF_PAIR.search(self.text) is not None
        return bool(new) or not self.ended

    def _find_line(self) -> int:
        return self.line + self.text.count("\n", 0, self.at)

    def _make_error(self, problem: str, hint: str | None = None) -> UnreadableData:
        return UnreadableData(f"{self.place}: row {self.row:,} (line {self._find_line():,}) {problem}", hint=hint)


def _name_duplicate_key(text: str, at: int) -> str:
    """The duplicate key, or the column that contains it: a nested key may be data and is not named."""
    try:
        pairs, _ = JSONDecoder(object_pairs_hook=list, parse_int=str).raw_decode(text, at)
    except (JSONDecodeError, RecursionError):  # the rest of the row is not JSON, or is in the next block
        return "a key"
    names: set[str] = set()
    for name, value in pairs:
        if name in names:
            return f"the key {quote_text(name, 100)}"
        names.add(name)
        if _has_duplicate_key(value):
            return f"a key inside {quote_text(name, 100)}"
    return "a key"


def _has_duplicate_key(value: Any) -> bool:
    """Whether an object in `value`, which is read as lists of pairs, has a duplicate key."""
    if not isinstance(value, list):
        return False
    names = [item[0] for item in value if isinstance(item, tuple)]
    inner = (item[1] if isinstance(item, tuple) else item for item in value)
    return len(set(names)) < len(names) or any(map(_has_duplicate_key, inner))


def _is_unicode(value: object) -> bool:
    if isinstance(value, str):
        return not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, dict):
        return all(map(_is_unicode, value)) and all(map(_is_unicode, value.values()))
    return not isinstance(value, list) or all(map(_is_unicode, value))
