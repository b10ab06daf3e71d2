"""Translates Java's regular expressions to RE2, or refuses where the two would not match the same text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import re2

from data_platform.errors import FrameError

_TERMINATORS = r"\n\r\x{85}\x{2028}\x{2029}"
_SPACES = r" \t\n\x0B\f\r"
_SAME_ESCAPES = "dDwWtnrfA"
_NEGATED = {"S": f"[^{_SPACES}]"}
_CATEGORY = re.compile(r"[pP]\{[LMNPSZC][a-z]?\}|[pP][LMNPSZC]")
_QUANTIFIER = re.compile(r"\{[0-9]+(,[0-9]*)?\}")


@dataclass(frozen=True)
class Pattern:
    """A pattern for RE2, and the conditions on a text under which Java matches it in the same way.

    `ascii_only`: the text is ASCII. `no_last_newline`: it does not end with a line terminator. `may_be_empty`: the
    pattern matches no text at all.
    """

    text: str
    groups: int
    ascii_only: bool
    no_last_newline: bool
    may_be_empty: bool


@lru_cache(256)
def translate_pattern(pattern: str) -> Pattern:
    """The pattern for RE2; FrameError for what RE2 has not, or reads otherwise."""
    result = _Translation(pattern)
    text = result.translate()
    try:
        compiled = re2.compile(text)
    except re2.error as error:
        raise _make_refusal(pattern, str(error)) from error
    empty = compiled.fullmatch("") is not None
    return Pattern(text, compiled.groups, result.ascii_only, result.no_last_newline, empty)


def _make_refusal(pattern: str, what: str) -> FrameError:
    return FrameError(
        f"the regular expression {pattern!r} cannot be matched as in Spark: {what}",
        hint="write it without; patterns are read as RE2 reads them where that is the same as Java",
    )


class _Translation:
    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0
        self.ascii_only = self.no_last_newline = False

    def translate(self) -> str:
        pieces = []
        while self._at < len(self._pattern):
            pieces.append(self._translate_piece())
        return "".join(pieces)

    def _translate_piece(self) -> str:
        character = self._take()
        if character == "\\":
            return self._translate_escape()
        if character == "[":
            return self._translate_class()
        if character == "(":
            return self._translate_group()
        if character == ".":
            return f"[^{_TERMINATORS}]"
        if character == "$":
            self.no_last_newline = True
            return r"\z"
        if character == "{":
            match = _QUANTIFIER.match(self._pattern, self._at - 1)
            if match is None:
                raise _make_refusal(self._pattern, "a { that begins no repetition")
            self._at = match.end()
            return match[0]
        if character in "]}":
            return "\\" + character
        return character

    def _take(self) -> str:
        character = self._pattern[self._at : self._at + 1]
        if not character:
            raise _make_refusal(self._pattern, "it ends too early")
        self._at += 1
        return character

    def _translate_escape(self) -> str:
        match = _CATEGORY.match(self._pattern, self._at)
        if match is not None:
            self._at = match.end()
            return "\\" + match[0]
        character = self._take()
        if character in "bB":
            self.ascii_only = True
            return "\\" + character
        if character in _SAME_ESCAPES or not character.isalnum():
            return "\\" + character
        if character == "z":
            return r"\z"
        if character == "s":
            return f"[{_SPACES}]"
        if character in _NEGATED:
            return _NEGATED[character]
        raise _make_refusal(self._pattern, f"\\{character}")

    def _translate_group(self) -> str:
        if self._pattern[self._at : self._at + 1] != "?":
            return "("
        for opening in ("?:", "?i:", "?i)"):
            if self._pattern.startswith(opening, self._at):
                self._at += len(opening)
                self.ascii_only = self.ascii_only or "i" in opening
                return "(" + opening
        match = re.compile(r"\?<([A-Za-z][A-Za-z0-9]*)>").match(self._pattern, self._at)
        if match is None:
            raise _make_refusal(self._pattern, f"({self._pattern[self._at : self._at + 3]}")
        self._at = match.end()
        return f"(?P<{match[1]}>"

    def _translate_class(self) -> str:
        pieces = ["["]
        if self._pattern.startswith("^", self._at):
            pieces.append(self._take())
        first = True
        while True:
            character = self._take()
            if character == "]" and not first:
                return "".join([*pieces, "]"])
            if character in "[]" or self._pattern.startswith("&&", self._at - 1):
                raise _make_refusal(self._pattern, f"{character} inside a class")
            if character == "\\":
                escaped = self._translate_escape_in_class()
                pieces.append(escaped)
            else:
                pieces.append(character)
            first = False

    def _translate_escape_in_class(self) -> str:
        if self._pattern[self._at : self._at + 1] == "s":
            self._at += 1
            return _SPACES
        if self._pattern[self._at : self._at + 1] in ("S", "b", "B", "A", "z"):
            raise _make_refusal(self._pattern, f"\\{self._pattern[self._at]} inside a class")
        return self._translate_escape()


def translate_replacement(replacement: str, pattern: Pattern) -> str:
    """Java's replacement text (`$1`, `\\$`) in RE2's words (`\\1`)."""
    pieces, at = [], 0
    while at < len(replacement):
        character = replacement[at]
        at += 1
        if character == "\\":
            if at == len(replacement):
                raise FrameError(f"the replacement {replacement!r} ends with a backslash")
            pieces.append(replacement[at].replace("\\", "\\\\"))
            at += 1
        elif character == "$":
            match = re.compile("[0-9]").match(replacement, at)
            if match is None or int(match[0]) > pattern.groups:
                raise FrameError(
                    f"the replacement {replacement!r} names a group that the pattern has not",
                    hint=r"$1 is the first group; a dollar sign is written \$",
                )
            if re.compile("[0-9]").match(replacement, at + 1) and int(replacement[at : at + 2]) <= pattern.groups:
                raise FrameError(f"the replacement {replacement!r} names a group beyond the ninth")
            pieces.append("\\" + match[0])
            at += 1
        else:
            pieces.append(character)
    return "".join(pieces)
