"""The meaning of a plain (unquoted) scalar of YAML.

Readers of YAML disagree: `no` is false in YAML 1.1 and text in 1.2, `1_000`, `010` and `1:30` are numbers in one and
text or other numbers in the other. So whatever any of them takes for something other than text gets a kind of its own,
and the fields decide what they accept. Numbers are written as in JSON.
"""

from __future__ import annotations

import re
from enum import Enum

LARGEST = 2**63 - 1
"""Whole numbers fit 64 bits: from -LARGEST - 1 to LARGEST."""


class ScalarKind(Enum):
    """The kinds of scalars; the value is the text for a message."""

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
    (ScalarKind.MERGE, re.compile("<<")),
    (ScalarKind.NULL, re.compile(r"(?:~|null|Null|NULL)?")),
    (ScalarKind.BOOLEAN, re.compile(r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF")),
    (ScalarKind.INTEGER, re.compile(r"-?(?:0|[1-9][0-9]*)")),
    (ScalarKind.FLOAT, re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")),
    (ScalarKind.NOT_FINITE, re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")),
    (ScalarKind.DATE, re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)?")),
    (ScalarKind.ODD_NUMBER, re.compile(r"[-+]?(?:0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+)")),
    (ScalarKind.ODD_NUMBER, re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")),
)
_TRUE = frozenset(["yes", "true", "on"])


def detect_kind(word: str) -> ScalarKind:
    """The kind of a plain scalar."""
    if len(word) > 100:
        return ScalarKind.HUGE if word.lstrip("-+").isdecimal() else ScalarKind.TEXT
    kind = next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(word)), ScalarKind.TEXT)
    if kind is ScalarKind.INTEGER and not -LARGEST - 1 <= int(word) <= LARGEST:
        return ScalarKind.HUGE
    if kind is ScalarKind.FLOAT and float(word) in (float("inf"), float("-inf")):
        return ScalarKind.NOT_FINITE
    return kind


def parse_value(word: str, kind: ScalarKind) -> str | int | float | bool | None:
    """The value of a scalar of a kind that has one: text, nothing, true or false, a number."""
    match kind:
        case ScalarKind.NULL:
            return None
        case ScalarKind.BOOLEAN:
            return word.lower() in _TRUE
        case ScalarKind.INTEGER:
            return int(word)
        case ScalarKind.FLOAT:
            return float(word)
        case _:
            return word
