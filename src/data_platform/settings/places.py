"""Finds the positions of keys in a TOML text, which the parser of the standard library does not keep."""

from __future__ import annotations

import re

PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
KEY = rf"{PART}(?:[ \t]*\.[ \t]*{PART})*"
TABLE = re.compile(rf"[ \t]*\[{{1,2}}[ \t]*({KEY})[ \t]*\]")
ASSIGNMENT = re.compile(rf"[ \t]*({KEY})[ \t]*=")


def find_places(text: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """Returns line and column (from 1) of every table and key, by its full path.

    This is an approximation for error messages: a line inside a multi-line string may be treated as a key.
    """
    positions: dict[tuple[str, ...], tuple[int, int]] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := TABLE.match(line):
            table = _split_key(header[1])
            positions.setdefault(table, (number, header.start(1) + 1))
        elif key := ASSIGNMENT.match(line):
            positions.setdefault((*table, *_split_key(key[1])), (number, key.start(1) + 1))
    return positions


def _split_key(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(PART, key))
