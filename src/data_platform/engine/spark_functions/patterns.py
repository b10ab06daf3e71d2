"""Java's patterns for dates and times, as `date_format`, `to_date` and `to_timestamp` take them.

Each run of a letter has one entry for writing (a strftime code, or DuckDB's SQL over the moment) and one for reading
(the text that Spark takes there, and the code of strptime). A run in neither table is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from data_platform.errors import FrameError

_WRITTEN = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "a": "%p",
    "E": "%a", "EE": "%a", "EEE": "%a", "EEEE": "%A", "DDD": "%j", "D": "%-j",
}  # fmt: skip
_READ = {
    "yyyy": ("[0-9]{4}", "%Y"), "MM": ("[0-9]{2}", "%m"), "M": ("[0-9]{1,2}", "%m"), "dd": ("[0-9]{2}", "%d"),
    "d": ("[0-9]{1,2}", "%d"), "HH": ("[0-9]{2}", "%H"), "H": ("[0-9]{1,2}", "%H"), "mm": ("[0-9]{2}", "%M"),
    "m": ("[0-9]{1,2}", "%M"), "ss": ("[0-9]{2}", "%S"), "s": ("[0-9]{1,2}", "%S"), "hh": ("[0-9]{2}", "%I"),
    "h": ("[0-9]{1,2}", "%I"), "a": ("(?i:AM|PM)", "%p"), "SSS": ("[0-9]{3}", "%g"), "SSSSSS": ("[0-9]{6}", "%f"),
    "MMM": ("(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)", "%b"),
    "MMMM": ("(January|February|March|April|May|June|July|August|September|October|November|December)", "%B"),
}  # fmt: skip
_PIECE = re.compile(r"''|'(?P<quoted>(?:[^']|'')*)'|(?P<run>([A-Za-z])\3*)|(?P<plain>[^A-Za-z'\[\]{}#])")


def split_pattern(name: str, pattern: str) -> Iterator[tuple[str, str]]:
    """The pattern's runs of letters and its plain text, as ("run", "yyyy") or ("text", "-")."""
    at = 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None:
            raise FrameError(f"{name}: {pattern[at]!r} in the pattern {pattern!r} is not supported")
        at = match.end()
        if match["run"]:
            yield "run", match["run"]
        elif match["plain"]:
            yield "text", match["plain"]
        else:
            yield "text", "'" if match[0] == "''" else match["quoted"].replace("''", "'")


@lru_cache(256)
def translate_format(name: str, pattern: str) -> tuple[str, ...]:
    """The pattern as pieces of strftime, between them runs of S, Q and n that strftime has no code for."""
    result = [""]
    for kind, text in split_pattern(name, pattern):
        if kind == "text":
            result[-1] += text.replace("%", "%%")
        elif text in _WRITTEN:
            result[-1] += _WRITTEN[text]
        elif (set(text) == {"S"} and len(text) <= 6) or text in ("Q", "QQ", "y"):
            result += [text, ""]
        else:
            raise _make_unsupported_error(name, pattern, text)
    return tuple(result)


@lru_cache(256)
def translate_input_format(name: str, pattern: str) -> tuple[str, str]:
    """The regular expression of the texts that Spark reads by the pattern, and the pattern for strptime."""
    expression, codes, runs = "", "", set()
    for kind, text in split_pattern(name, pattern):
        if kind == "text":
            expression += re.escape(text)
            codes += text.replace("%", "%%")
        elif text in _READ and text[0] not in runs:
            taken, code = _READ[text]
            expression += taken
            codes += code
            runs.add(text[0])
        else:
            raise _make_unsupported_error(name, pattern, text)
    if {"y"} - runs:
        raise FrameError(f"{name}: the pattern {pattern!r} has no year", hint="yyyy")
    if ("h" in runs) != ("a" in runs) or {"h", "H"} <= runs:
        raise FrameError(f"{name}: in the pattern {pattern!r}, h needs a, and H is used without them")
    return expression, codes


def _make_unsupported_error(name: str, pattern: str, run: str) -> FrameError:
    return FrameError(
        f"{name}: {run!r} in the pattern {pattern!r} is not supported", hint=f"runs that are: {', '.join(_WRITTEN)}"
    )
