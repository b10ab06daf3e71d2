"""How a text file is to be read, where it is not as the standards write it: what the person who knows the file says.

One list of options serves `publish`, `test`, `DataProduct.publish` and the sources of settings.toml.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, fields
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data_platform.errors import BadInput

_NOT_TEXT = ("utf_7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")
_DATE, _TIME = ("%Y", "%m", "%d"), ("%H", "%M")


@dataclass(frozen=True, slots=True)
class TextFormats:
    """How dates and numbers are written; None and the defaults are ISO 8601, RFC 3339 and a decimal point.

    `zone` is the zone of instants that name none: an IANA name such as `Europe/Zurich`.
    """

    date_format: str | None = None
    timestamp_format: str | None = None
    decimal: str = "."
    thousands: str = ""
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a CSV, JSON or JSON lines file is read; the defaults are RFC 4180 with a header, in UTF-8.

    `delimiter`, `quote` (empty: none), `nulls` (the unquoted words that mean no value), `header` and `columns` (the
    names where there is no header) are about CSV alone. `encoding` is a name that Python knows. `date_format` and
    `timestamp_format` are written in %Y, %m, %d, %H, %M, %S, %f and %z, such as `%d.%m.%Y`. `decimal` and `thousands`
    are marks in numbers. `zone` is the zone of instants that name none. Raises BadInput for an option that cannot be.
    """

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    nulls: tuple[str, ...] = ("", "NULL")
    header: bool = True
    columns: tuple[str, ...] = ()
    date_format: str | None = None
    timestamp_format: str | None = None
    decimal: str = "."
    thousands: str = ""
    zone: str | None = None

    def __post_init__(self) -> None:
        for name in ("nulls", "columns"):
            if isinstance(words := getattr(self, name), list):
                object.__setattr__(self, name, tuple(words))
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default and (check := CHECKS.get(field.name)) and (complaint := check(value)):
                raise BadInput(f"{field.name}: {complaint}")
        if complaint := conflict(self):
            raise BadInput(complaint)

    @property
    def formats(self) -> TextFormats:
        """How values are written."""
        return TextFormats(self.date_format, self.timestamp_format, self.decimal, self.thousands, self.zone)

    def given(self) -> tuple[str, ...]:
        """The names of the options that are not as they are by default."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    def among(self, names: Collection[str]) -> ReadOptions:
        """These options, the others as they are by default."""
        return ReadOptions(**{name: getattr(self, name) for name in names})


ALL = tuple(field.name for field in fields(ReadOptions))
FOR_JSON = ("encoding", "date_format", "timestamp_format", "zone")
"""The options that mean something to JSON, which writes its numbers itself."""


def among_for(options: ReadOptions, file: str) -> ReadOptions:
    """The options as far as they mean something to a file of that name."""
    name = file.lower().removesuffix(".gz")
    if name.endswith(".csv"):
        return options
    return options.among(FOR_JSON if name.endswith((".json", ".jsonl", ".ndjson")) else ())


def conflict(options: ReadOptions) -> str | None:
    """Options that contradict each other, or None."""
    marks = [mark for mark in (options.decimal, options.thousands) if mark]
    if len(set(marks)) < len(marks):
        return "decimal and thousands must be different marks"
    if options.delimiter == options.quote:
        return "delimiter and quote must be different characters"
    for place, name in enumerate(options.columns):
        if not name.strip():
            return f"columns: name {place + 1} is empty"
        if name.casefold() in {other.casefold() for other in options.columns[:place]}:
            return f"columns: {name!a} is there twice; capitals make no difference to a SQL engine"
    return None


def delimiter_problem(value: object) -> str | None:
    """One ASCII character that can stand between the values of a CSV line."""
    if isinstance(value, str) and len(value) == 1 and value.isascii() and value not in '"\r\n\0':
        return None
    return "this must be one ASCII character, such as ';' or a tab"


def quote_problem(value: object) -> str | None:
    """One ASCII character around a CSV value, or none."""
    if value == "" or (isinstance(value, str) and len(value) == 1 and value.isascii() and value not in "\r\n\0"):
        return None
    return "this must be one ASCII character, or empty where nothing is quoted"


def encoding_problem(value: object) -> str | None:
    """The name of a text encoding that Python knows."""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        name = re.sub(r"[^a-z0-9]+", "_", value.lower())
        try:
            "a".encode(value)
        except (LookupError, ValueError):
            name = "undefined"
        if name not in _NOT_TEXT:
            return None
    return "this must be the name of a text encoding, such as utf-16 or windows-1252"


def date_format_problem(value: object) -> str | None:
    """The format of a date."""
    return _format_problem(value, _DATE, ())


def timestamp_format_problem(value: object) -> str | None:
    """The format of a timestamp."""
    return _format_problem(value, (*_DATE, *_TIME), ("%S", "%f", "%z"))


def decimal_problem(value: object) -> str | None:
    """A decimal mark."""
    return None if value in (".", ",") else 'this must be "." or ","'


def thousands_problem(value: object) -> str | None:
    """A mark between thousands."""
    marks = ("", ".", ",", " ", "'", "_", "\u2019", "\u00a0", "\u202f")
    return None if value in marks else "this must be a point, a comma, a space, an apostrophe or an underscore"


def zone_problem(value: object) -> str | None:
    """The name of a time zone."""
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "this must be an IANA time zone, such as Europe/Zurich"
    return None


def _format_problem(value: object, needed: tuple[str, ...], possible: tuple[str, ...]) -> str | None:
    example = "%d.%m.%Y %H:%M" if "%H" in needed else "%d.%m.%Y"
    if not isinstance(value, str) or not value.isprintable() or len(value) > 60:
        return f"this must be a format such as {example}"
    used = re.findall(r"%.?", value)
    if sorted(set(used)) != sorted(used) or not set(needed) <= set(used) <= {*needed, *possible}:
        more = f", and may have {', '.join(possible)}" if possible else ""
        return f"this must have each of {', '.join(needed)} once{more}, such as {example}"
    if "%f" in used and "%S" not in used:
        return "%f needs %S"
    return None


def words_problem(value: object) -> str | None:
    """Words, such as those that mean null."""
    if isinstance(value, tuple | list) and all(isinstance(word, str) for word in value):
        return None
    return "this must be a list of texts"


def flag_problem(value: object) -> str | None:
    """Yes or no."""
    return None if isinstance(value, bool) else "this must be true or false"


CHECKS = {
    "nulls": words_problem,
    "columns": words_problem,
    "header": flag_problem,
    "delimiter": delimiter_problem,
    "quote": quote_problem,
    "encoding": encoding_problem,
    "date_format": date_format_problem,
    "timestamp_format": timestamp_format_problem,
    "decimal": decimal_problem,
    "thousands": thousands_problem,
    "zone": zone_problem,
}
"""What is wrong with an option's value, or None; one for each option that can be wrong by itself."""
STANDARD = ReadOptions()
"""Text as the standards write it."""
MEANINGS = {
    "delimiter": "The character that separates the values of a CSV line.",
    "quote": "The quote character of CSV. Empty: values are never quoted.",
    "encoding": "The encoding of text files, such as `utf-16` or `windows-1252`.",
    "nulls": "What means *no value* in a CSV file, where it is not quoted.",
    "header": "Whether the first line of a CSV file names its columns.",
    "columns": "The names of the columns of a CSV file without a header.",
    "date_format": "How dates are written, such as `%d.%m.%Y`. Without it: ISO 8601.",
    "timestamp_format": "How timestamps are written, such as `%d.%m.%Y %H:%M:%S`. Without it: ISO 8601.",
    "decimal": "The decimal mark of numbers in CSV: a point or a comma.",
    "thousands": "The mark between thousands in CSV, such as `'`.",
    "zone": "The zone of instants that name none, such as `Europe/Zurich`. Without it they are refused.",
}
"""What each option means, for every door."""
