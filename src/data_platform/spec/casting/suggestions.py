"""Suggests the read option that a text needs which does not fit its type: a format, a decimal mark, a zone, a null."""

from __future__ import annotations

import re

from data_platform.settings.read_options import TextFormats
from data_platform.spec.schema.types import DataType, Decimal, Kind, Primitive

_NUMBERS = frozenset({Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE})
_MOMENTS = frozenset({Kind.TIMESTAMP, Kind.TIMESTAMPTZ})
_NULL_WORD = re.compile(r"#?n/a|na|null|none|nil|nan|nat|--?|\?|\\n|missing|unknown", re.IGNORECASE)
_TIME = r"(?:[T ](?P<hour>\d{1,2}:\d\d)(?P<second>:\d\d)?(?P<fraction>\.\d{1,6})?)?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?"
_DATES = (
    re.compile(rf"(?P<year>\d{{4}})(?P<mark>-)\d\d-\d\d{_TIME}"),
    re.compile(rf"(?P<year>\d{{4}})(?P<mark>[./])\d{{1,2}}(?P=mark)\d{{1,2}}{_TIME}"),
    re.compile(rf"(?P<one>\d{{1,2}})(?P<mark>[./-])(?P<two>\d{{1,2}})(?P=mark)\d{{4}}{_TIME}"),
)
_CLOCK = (("hour", "%H:%M"), ("second", ":%S"), ("fraction", ".%f"), ("offset", "%z"))
_ZONE = "ZONE"
_FIELDS = {"null": "nulls", "date-format": "date_format", "timestamp-format": "timestamp_format"}
"""The names of options in ReadOptions, where they differ."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?P<thousands>[.,' _\u2019\u00a0\u202f])\d{3})*(?:(?P<decimal>[.,])\d+)?")
_LONG = re.compile(r"[+-]?\d+,\d+")


_Options = dict[str, str]
"""The value of each option by its name."""


def suggest_option(kind: DataType, text: str, formats: TextFormats, *, csv: bool) -> str | None:
    """How to read a text file whose value `text` does not fit `kind`; None where no option would help.

    `csv`: the file is CSV; the marks of numbers and the words for null are options of CSV alone.
    """
    text = text.strip()
    if csv and _NULL_WORD.fullmatch(text):
        return f"if {text} means that there is no value, {_format([{'null': text}])}"
    if isinstance(kind, Decimal) or (isinstance(kind, Primitive) and kind.kind in _NUMBERS):
        whole = isinstance(kind, Primitive) and kind.kind in (Kind.INT, Kind.LONG)
        return _format(_list_marks(text, formats, whole=whole)) if csv else None
    if isinstance(kind, Primitive) and (kind.kind is Kind.DATE or kind.kind in _MOMENTS):
        return _format(_list_formats(kind.kind, text, formats))
    return None


def _list_marks(text: str, formats: TextFormats, *, whole: bool) -> list[_Options]:
    """The options for a number whose marks are not the ones that the reader was given."""
    match = _GROUPED.fullmatch(text)
    if match is None:
        return [{"decimal": ","}] if _LONG.fullmatch(text) and formats.decimal != "," and not whole else []
    thousands, decimal = match["thousands"], match["decimal"]
    if whole and decimal and not thousands:
        thousands, decimal = (decimal, None) if re.search(r"[.,]\d{3}$", text) else (None, None)
    if thousands == decimal:
        return []
    if thousands == "," and decimal is None and not whole:
        return [{"decimal": ","}, {"thousands": ","}]
    marks = (("decimal", decimal, formats.decimal), ("thousands", thousands, formats.thousands))
    return [{name: mark for name, mark, given in marks if mark and mark != given}]


def _list_formats(kind: Kind, text: str, formats: TextFormats) -> list[_Options]:
    """The options for a date or a time in another format, or without its zone."""
    match = next((match for pattern in _DATES if (match := pattern.fullmatch(text))), None)
    if match is None:
        return []
    zone: _Options = {"zone": _ZONE} if kind is Kind.TIMESTAMPTZ and not match["offset"] and not formats.zone else {}
    given = formats.date_format if kind is Kind.DATE else formats.timestamp_format
    is_standard = match["mark"] == "-" and match.groupdict().get("year")
    if is_standard or given is not None or (match["hour"] is None) != (kind is Kind.DATE):
        return [zone]
    name = "date-format" if kind is Kind.DATE else "timestamp-format"
    return [{name: form, **zone} for form in _list_forms(text, match)]


def _list_forms(text: str, match: re.Match[str]) -> list[str]:
    """The formats that the text may be in; two where day and month cannot be told apart."""
    clock = "".join(form for part, form in _CLOCK if match[part])
    tail = f"{text[match.start('hour') - 1]}{clock}" if match["hour"] else ""
    mark, parts = match["mark"], match.groupdict()
    if parts.get("year"):
        return [mark.join(("%Y", "%m", "%d")) + tail]
    day_first, month_first = mark.join(("%d", "%m", "%Y")) + tail, mark.join(("%m", "%d", "%Y")) + tail
    if int(match["two"]) > 12:
        return [month_first]
    return [day_first] if int(match["one"]) > 12 or mark == "." else [day_first, month_first]


def _format(choices: list[_Options]) -> str | None:
    """One hint for the options, or for each choice of them: how they are given on the command line and elsewhere."""
    choices = [choice for choice in choices if choice]
    if not choices:
        return None
    ways = (" ".join(f"--{name} {_quote(value)}" for name, value in choice.items()) for choice in choices)
    names = dict.fromkeys(_FIELDS.get(name, name) for choice in choices for name in choice)
    where = "; ZONE is where times without an offset are from: UTC, Europe/Zurich, …" if "zone" in names else ""
    return f"give {' or '.join(ways)} (ReadOptions and settings.toml: {', '.join(names)}){where}"


def _quote(word: str) -> str:
    """The word as a shell needs it."""
    return word if word == _ZONE else f'"{word}"' if "'" in word else f"'{word}'"
