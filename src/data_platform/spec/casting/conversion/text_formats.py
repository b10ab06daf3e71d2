"""Converts text in a file's formats to text in standard formats, when the reader was given the file's formats.

What is not written in the format that was given is refused, even where the standards would read it: 2026-02-03 is no
date in a file whose dates are %Y-%d-%m.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.settings.read_options import TextFormats
from data_platform.spec.casting.conversion.basics import Converter, ValueChanged, keep_as_is
from data_platform.spec.schema.types import DataType, Decimal, Kind, Primitive

STANDARD_FORMATS = TextFormats()
_NUMBERS = frozenset({Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE})
_DIGITS = {"%Y": r"(\d{4})", "%f": r"(\d{1,6})", "%z": r"(Z|[+-]\d\d(?::?\d\d)?)"}
_ZONED = r"[T ]\d\d.*(Z|[+-]\d\d(:?\d\d)?)$"
_WORDS = r"^[+-]?(?i:nan|inf|infinity)$"


def make_text_normalizer(kind: DataType, formats: TextFormats) -> Converter:
    """A converter from text in the file's formats to standard text; it raises ValueChanged for text in neither."""
    if formats == STANDARD_FORMATS:
        return keep_as_is
    match kind:
        case Decimal():
            return _make_number_normalizer(formats)
        case Primitive(name) if name in _NUMBERS:
            return _make_number_normalizer(formats)
        case Primitive(Kind.DATE) if formats.date_format:
            return _make_moment_normalizer(formats.date_format)
        case Primitive(Kind.TIMESTAMP | Kind.TIMESTAMPTZ) if formats.timestamp_format:
            return _make_moment_normalizer(formats.timestamp_format)
        case _:
            return keep_as_is


def _make_number_normalizer(formats: TextFormats) -> Converter:
    mark, thousands = re.escape(formats.decimal), re.escape(formats.thousands)
    if formats.decimal == "." and not formats.thousands:
        return keep_as_is
    whole = rf"(\d+|\d{{1,3}}({thousands}\d{{3}})+)" if thousands else r"\d+"
    pattern = rf"^[+-]?{whole}({mark}\d+)?([eE][+-]?\d+)?$|{_WORDS}"

    def convert(array: pa.Array) -> pa.Array:
        require_match(array, pattern)
        plain = pc.replace_substring(array, formats.thousands, "") if formats.thousands else array
        return pc.replace_substring(plain, formats.decimal, ".")

    return convert


def _make_moment_normalizer(form: str) -> Converter:
    """Days, months and hours may have one digit; the groups of the pattern are put into the order of ISO 8601."""
    parts = re.split(r"(%.)", form)
    pattern = "".join(_DIGITS.get(p, r"(\d{1,2})") if p.startswith("%") else re.escape(p) for p in parts)
    place = {part: number for number, part in enumerate((p for p in parts if p.startswith("%")), 1)}
    iso = "-".join(rf"\{place[part]}" for part in ("%Y", "%m", "%d"))
    if "%H" in place:
        iso += rf"T\{place['%H']}:\{place['%M']}"
        iso += rf":\{place['%S']}" if "%S" in place else ""
        iso += rf".\{place['%f']}" if "%f" in place else ""
        iso += rf"\{place['%z']}" if "%z" in place else ""

    def convert(array: pa.Array) -> pa.Array:
        require_match(array, f"^{pattern}$")
        text = pc.replace_substring_regex(array, f"^{pattern}$", iso)
        for _ in range(2):  # neighbours share their separator, so that one turn pads every second of them
            text = pc.replace_substring_regex(text, r"([-T:])(\d)([-T:+.Z]|$)", r"\10\2\3")  # group 1, then a zero
        return text

    return convert


def has_zone(array: pa.Array) -> pa.Array:
    """For each text of an instant, whether it has an offset from UTC."""
    return pc.match_substring_regex(array, _ZONED)


def require_match(array: pa.Array, pattern: str) -> None:
    """Raises ValueChanged unless every text that is there matches."""
    if pc.all(pc.match_substring_regex(array, pattern)).as_py() is False:
        raise ValueChanged
