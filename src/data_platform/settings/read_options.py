"""How to read a text file that does not follow the standards.

The same options serve `publish`, `test`, `DataProduct.publish` and the sources of settings.toml.
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
    """The formats of dates and numbers; None and the defaults are ISO 8601, RFC 3339 and a decimal point.

    `zone` is the zone of instants without one: an IANA name such as `Europe/Zurich`.
    """

    date_format: str | None = None
    timestamp_format: str | None = None
    decimal: str = "."
    thousands: str = ""
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a CSV, JSON or JSON lines file is read; the defaults are RFC 4180 with a header, in UTF-8.

    `delimiter`, `quote` (empty: none), `nulls` (the unquoted words that mean null), `header` and `columns` (the
    names if there is no header) apply only to CSV. `encoding` is a name that Python knows. `date_format` and
    `timestamp_format` are written in %Y, %m, %d, %H, %M, %S, %f and %z, such as `%d.%m.%Y`. `decimal` and `thousands`
    are marks in numbers. `zone` is the zone of instants without one. Raises BadInput for an invalid option.
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
        if complaint := find_conflict(self):
            raise BadInput(complaint)

    @property
    def formats(self) -> TextFormats:
        """The formats of values."""
        return TextFormats(self.date_format, self.timestamp_format, self.decimal, self.thousands, self.zone)

    def given(self) -> tuple[str, ...]:
        """Returns the names of the options that differ from the defaults."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) != field.default)

    def among(self, names: Collection[str]) -> ReadOptions:
        """Returns the named options, with defaults for the others."""
        return ReadOptions(**{name: getattr(self, name) for name in names})


ALL = tuple(field.name for field in fields(ReadOptions))
FOR_JSON = ("encoding", "date_format", "timestamp_format", "zone")
"""The options that apply to JSON."""


def select_for_file(options: ReadOptions, file: str) -> ReadOptions:
    """Returns the options that apply to a file of that name."""
    name = file.lower().removesuffix(".gz")
    if name.endswith(".csv"):
        return options
    return options.among(FOR_JSON if name.endswith((".json", ".jsonl", ".ndjson")) else ())


def find_conflict(options: ReadOptions) -> str | None:
    """Returns a contradiction between options, or None."""
    marks = [mark for mark in (options.decimal, options.thousands) if mark]
    if len(set(marks)) < len(marks):
        return "decimal and thousands must be different marks"
    if options.delimiter == options.quote:
        return "delimiter and quote must be different characters"
    for place, name in enumerate(options.columns):
        if not name.strip():
            return f"columns: name {place + 1} is empty"
        if name.casefold() in {other.casefold() for other in options.columns[:place]}:
            return f"columns: {name!a} is given twice; SQL engines ignore case"
    return None


def check_delimiter(value: object) -> str | None:
    """Checks the ASCII character between the values of a CSV line."""
    if isinstance(value, str) and len(value) == 1 and value.isascii() and value not in '"\r\n\0':
        return None
    return "this must be one ASCII character, such as ';' or a tab"


def check_quote(value: object) -> str | None:
    """Checks the ASCII character around a CSV value, or none."""
    if value == "" or (isinstance(value, str) and len(value) == 1 and value.isascii() and value not in "\r\n\0"):
        return None
    return "this must be one ASCII character, or empty if nothing is quoted"


def check_encoding(value: object) -> str | None:
    """Checks the name of a text encoding that Python supports."""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        name = re.sub(r"[^a-z0-9]+", "_", value.lower())
        try:
            "a".encode(value)
        except (LookupError, ValueError):
            name = "undefined"
        if name not in _NOT_TEXT:
            return None
    return "this must be the name of a text encoding, such as utf-16 or windows-1252"


def check_date_format(value: object) -> str | None:
    """Checks the format of a date."""
    return _check_format(value, _DATE, ())


def check_timestamp_format(value: object) -> str | None:
    """Checks the format of a timestamp."""
    return _check_format(value, (*_DATE, *_TIME), ("%S", "%f", "%z"))


def check_decimal(value: object) -> str | None:
    """Checks the decimal mark."""
    return None if value in (".", ",") else 'this must be "." or ","'


def check_thousands(value: object) -> str | None:
    """Checks the thousands separator."""
    marks = ("", ".", ",", " ", "'", "_", "\u2019", "\u00a0", "\u202f")
    return None if value in marks else "this must be a point, a comma, a space, an apostrophe or an underscore"


def check_zone(value: object) -> str | None:
    """Checks the name of a time zone."""
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "this must be an IANA time zone, such as Europe/Zurich"
    return None


def _check_format(value: object, needed: tuple[str, ...], possible: tuple[str, ...]) -> str | None:
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


def check_words(value: object) -> str | None:
    """Checks a list of words."""
    if isinstance(value, tuple | list) and all(isinstance(word, str) for word in value):
        return None
    return "this must be a list of texts"


def check_flag(value: object) -> str | None:
    """Checks a boolean."""
    return None if isinstance(value, bool) else "this must be true or false"


CHECKS = {
    "nulls": check_words,
    "columns": check_words,
    "header": check_flag,
    "delimiter": check_delimiter,
    "quote": check_quote,
    "encoding": check_encoding,
    "date_format": check_date_format,
    "timestamp_format": check_timestamp_format,
    "decimal": check_decimal,
    "thousands": check_thousands,
    "zone": check_zone,
}
"""The check of each option: returns the problem of its value, or None."""
STANDARD = ReadOptions()
"""The options of text that follows the standards."""
MEANINGS = {
    "delimiter": "The character that separates the values of a CSV line.",
    "quote": "The quote character of CSV. Empty: values are never quoted.",
    "encoding": "The encoding of text files, such as `utf-16` or `windows-1252`.",
    "nulls": "The unquoted words that mean *null* in a CSV file.",
    "header": "Whether the first line of a CSV file names its columns.",
    "columns": "The names of the columns of a CSV file without a header.",
    "date_format": "How dates are written, such as `%d.%m.%Y`. Without it: ISO 8601.",
    "timestamp_format": "How timestamps are written, such as `%d.%m.%Y %H:%M:%S`. Without it: ISO 8601.",
    "decimal": "The decimal mark of numbers in CSV: a point or a comma.",
    "thousands": "The mark between thousands in CSV, such as `'`.",
    "zone": "The zone of instants without one, such as `Europe/Zurich`. Without it they are refused.",
}
"""The description of each option, for the CLI and the documentation."""
