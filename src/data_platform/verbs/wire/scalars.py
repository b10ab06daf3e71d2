"""The forms of single values. Text is Unicode; numbers beyond 2^53 and those that JSON lacks are text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from math import isfinite, isnan
from pathlib import Path, PurePath
from typing import Any

from data_platform.verbs.wire.form import BOOLEAN, NULL, NUMBER, TEXT, Form, FormMismatch, Json, describe_json

EXACT = 2**53 - 1
"""The largest whole number that every reader of JSON reads exactly."""
_DIGITS = 1000
_WHOLE = re.compile(r"-?[1-9][0-9]*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OFFSET = r"Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{6})?)?"
_DATETIME = re.compile(rf"{_DATE.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?({_OFFSET})?")
_SECONDS = re.compile(r"(-?)PT([0-9]{1,14})(?:\.([0-9]{1,6}))?S")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?|-?NaN[0-9]{0,40}|-?Infinity")
_SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def check_text(text: str) -> str:
    """The text; raises Mismatch for half a surrogate pair, which UTF-8 cannot hold."""
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise FormMismatch("holds half a surrogate pair, which is no character")
    return text


class Null(Form):
    """None."""

    name, kinds = "null", frozenset({NULL})

    def matches(self, value: object) -> bool:
        """None alone."""
        return value is None

    def encode(self, value: Any) -> Json:
        """Null."""
        if value is not None:
            raise self.refuse(value)
        return None

    def decode(self, value: Json) -> None:
        """None."""
        if value is not None:
            raise FormMismatch(f"must be null, and not {describe_json(value)}")


class Boolean(Form):
    """True and false."""

    name, kinds = "bool", frozenset({BOOLEAN})

    def matches(self, value: object) -> bool:
        """A bool."""
        return isinstance(value, bool)

    def encode(self, value: Any) -> Json:
        """The same."""
        return self.decode(value)

    def decode(self, value: Json) -> bool:
        """The same."""
        if not isinstance(value, bool):
            raise FormMismatch(f"must be true or false, and not {describe_json(value)}")
        return value


class Whole(Form):
    """A whole number: a JSON number up to 2^53, text beyond."""

    name, kinds = "int", frozenset({NUMBER, TEXT})

    def matches(self, value: object) -> bool:
        """An int that is no bool."""
        return isinstance(value, int) and not isinstance(value, bool)

    def encode(self, value: Any) -> Json:
        """The number, or its digits."""
        if not self.matches(value):
            raise self.refuse(value)
        number = int(value)
        if -EXACT <= number <= EXACT:
            return number
        if abs(number) >= 10**_DIGITS:
            raise FormMismatch(f"has more than {_DIGITS} digits")
        return str(number)

    def decode(self, value: Json) -> int:
        """The number."""
        if isinstance(value, str) and len(value) <= _DIGITS + 1 and _WHOLE.fullmatch(value):
            number = int(value)
            if not -EXACT <= number <= EXACT:
                return number
            raise FormMismatch("must be a number, since it is below 2^53, and not text")
        if not self.matches(value):
            raise FormMismatch(f"must be a whole number, and not {describe_json(value)}")
        if not -EXACT <= value <= EXACT:
            raise FormMismatch("must be text, since it is beyond 2^53, and not a number")
        return int(value)


class Real(Form):
    """A floating-point number; NaN and the infinities are text."""

    name, kinds = "float", frozenset({NUMBER, TEXT})

    def matches(self, value: object) -> bool:
        """A float, or an int that takes its place."""
        return isinstance(value, int | float) and not isinstance(value, bool)

    def encode(self, value: Any) -> Json:
        """The number; a whole number where a float is declared is written as a float."""
        if isinstance(value, int) and not isinstance(value, bool) and -EXACT <= value <= EXACT:
            return float(value)
        if not isinstance(value, float):
            raise self.refuse(value)
        if isnan(value):
            return "NaN"
        return float(value) if isfinite(value) else ("Infinity" if value > 0 else "-Infinity")

    def decode(self, value: Json) -> float:
        """The number; one that is written without a fraction is taken too, if it is exact."""
        if isinstance(value, str) and value in _SPECIAL:
            return _SPECIAL[value]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FormMismatch(f"must be a number, and not {describe_json(value)}")
        if isinstance(value, int) and not -EXACT <= value <= EXACT:
            raise FormMismatch("must have a fraction or an exponent, since it is beyond 2^53")
        return float(value)


class Number(Form):
    """A whole or a floating-point number: one with a fraction or an exponent is a float."""

    name, kinds = "number", frozenset({NUMBER, TEXT})
    _whole, _real = Whole(), Real()

    def matches(self, value: object) -> bool:
        """An int or a float."""
        return self._real.matches(value)

    def encode(self, value: Any) -> Json:
        """The number in the form of its type."""
        return self._real.encode(value) if isinstance(value, float) else self._whole.encode(value)

    def decode(self, value: Json) -> int | float:
        """The number with the type that it is written in."""
        is_real = isinstance(value, float) or (isinstance(value, str) and value in _SPECIAL)
        return self._real.decode(value) if is_real else self._whole.decode(value)


class Written(Form):
    """A value of one Python type that is written as text."""

    kinds = frozenset({TEXT})

    def __init__(self, name: str, kind: type, write: Callable[[Any], str], parse: Callable[[str], Any]) -> None:
        self.name = name
        self._kind, self._write, self._parse = kind, write, parse

    def matches(self, value: object) -> bool:
        """A value of the type; a datetime is no date."""
        return isinstance(value, self._kind) and not (self._kind is date and isinstance(value, datetime))

    def encode(self, value: Any) -> Json:
        """The text."""
        if not self.matches(value):
            raise self.refuse(value)
        return check_text(self._write(value))

    def decode(self, value: Json) -> Any:
        """The value that the text describes."""
        if not isinstance(value, str):
            raise FormMismatch(f"must be text, and not {describe_json(value)}")
        try:
            return self._parse(check_text(value))
        except (ValueError, ArithmeticError):
            raise FormMismatch(f"{value[:60]!a} is no {self.name}") from None


class Choice(Form):
    """One of a few values: the members of an enumeration, or the words of a Literal."""

    def __init__(self, name: str, members: dict[str | int, Any]) -> None:
        self.name = name
        self.members = members
        self.kinds = frozenset(TEXT if isinstance(value, str) else NUMBER for value in members)

    def matches(self, value: object) -> bool:
        """A member."""
        return any(type(value) is type(member) and value == member for member in self.members.values())

    def encode(self, value: Any) -> Json:
        """The member's value."""
        for written, member in self.members.items():
            if type(value) is type(member) and value == member:
                return written
        raise FormMismatch(f"must be {self._words()}")

    def decode(self, value: Json) -> Any:
        """The member."""
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in self.members:
            raise FormMismatch(f"must be {self._words()}, and not {describe_json(value)}")
        return self.members[value]

    def _words(self) -> str:
        return " or ".join(repr(value) for value in self.members)


def choice_of(kind: type[Enum]) -> Choice:
    """The form of an enumeration whose values are text or whole numbers."""
    return Choice(kind.__name__, {member.value: member for member in kind})


def _matching(pattern: re.Pattern[str], parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse_match(text: str) -> Any:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return parse(text)

    return parse_match


def _write_duration(value: timedelta) -> str:
    micros = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(micros), 1_000_000)
    return f"{'-' * (micros < 0)}PT{seconds}{f'.{rest:06}' * bool(rest)}S"


def _parse_duration(text: str) -> timedelta:
    match = _SECONDS.fullmatch(text)
    if match is None:
        raise ValueError(text)
    sign, seconds, fraction = match.groups()
    length = timedelta(seconds=int(seconds), microseconds=int((fraction or "0").ljust(6, "0")))
    return -length if sign else length


def _parse_decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


PATTERNS = {
    "date": _DATE.pattern,
    "datetime": _DATETIME.pattern,
    "timedelta": _SECONDS.pattern,
    "Decimal": _DECIMAL.pattern,
}
"""What text of a type looks like, by the name of its form."""
SCALARS: dict[Any, Form] = {
    None: Null(),
    type(None): Null(),
    bool: Boolean(),
    int: Whole(),
    float: Real(),
    str: Written("str", str, str.__str__, str),
    datetime: Written("datetime", datetime, datetime.isoformat, _matching(_DATETIME, datetime.fromisoformat)),
    date: Written("date", date, date.isoformat, _matching(_DATE, date.fromisoformat)),
    timedelta: Written("timedelta", timedelta, _write_duration, _parse_duration),
    Decimal: Written("Decimal", Decimal, str, _matching(_DECIMAL, _parse_decimal)),
    Path: Written("Path", PurePath, str, Path),
}
"""The forms of the types that hold no others."""
