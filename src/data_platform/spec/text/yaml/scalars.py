"""What a plain (unquoted) word of YAML means.

Readers of YAML disagree: `no` is false in YAML 1.1 and text in 1.2, `1_000`, `010` and `1:30` are numbers in one and
text or other numbers in the other. So whatever any of them takes for something other than text gets a kind of its own,
and the fields decide what they accept. Numbers are written as in JSON.
"""

from __future__ import annotations

import re
from enum import Enum

LARGEST = 2**63 - 1
"""Whole numbers fit 64 bits: from -LARGEST - 1 to LARGEST."""


class Kind(Enum):
    """What a scalar is; the value says it in words for a message."""

    TEXT = "text"
    NULL = "nothing"
    BOOLEAN = "true or false"
    INTEGER = "a number"
    FLOAT = "a decimal number"
    HUGE = "a number beyond 64 bits"
    ODD_NUMBER = "a number in an old notation"
    NOT_FINITE = "not a finite number"
    DATE = "a date"
    MERGE = "a merge key"


_PATTERNS = (
    (Kind.MERGE, re.compile("<<")),
    (Kind.NULL, re.compile(r"(?:~|null|Null|NULL)?")),
    (Kind.BOOLEAN, re.compile(r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF")),
    (Kind.INTEGER, re.compile(r"-?(?:0|[1-9][0-9]*)")),
    (Kind.FLOAT, re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")),
    (Kind.NOT_FINITE, re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")),
    (Kind.DATE, re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?")),
    (Kind.ODD_NUMBER, re.compile(r"[-+]?(?:0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+)")),
    (Kind.ODD_NUMBER, re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")),
)
_TRUE = frozenset(["yes", "true", "on"])


def kind_of(word: str) -> Kind:
    """What a plain scalar is."""
    if len(word) > 100:
        return Kind.HUGE if word.lstrip("-+").isdecimal() else Kind.TEXT
    kind = next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(word)), Kind.TEXT)
    if kind is Kind.INTEGER and not -LARGEST - 1 <= int(word) <= LARGEST:
        return Kind.HUGE
    if kind is Kind.FLOAT and float(word) in (float("inf"), float("-inf")):
        return Kind.NOT_FINITE
    return kind


def plain_value(word: str, kind: Kind) -> str | int | float | bool | None:
    """The value of a scalar of a kind that has one: text, nothing, true or false, a number."""
    match kind:
        case Kind.NULL:
            return None
        case Kind.BOOLEAN:
            return word.lower() in _TRUE
        case Kind.INTEGER:
            return int(word)
        case Kind.FLOAT:
            return float(word)
        case _:
            return word
