"""Where a key stands in a TOML text; the standard library's parser keeps no positions."""

from __future__ import annotations

import re

PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
KEY = rf"{PART}(?:[ \t]*\.[ \t]*{PART})*"
TABLE = re.compile(rf"[ \t]*\[{{1,2}}[ \t]*({KEY})[ \t]*\]")
ASSIGNMENT = re.compile(rf"[ \t]*({KEY})[ \t]*=")


def places(text: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """Line and column (from 1) of every table and key, by its full path.

    Good enough to point at, not a parser: a line inside a multi-line string may be taken for a key.
    """
    found: dict[tuple[str, ...], tuple[int, int]] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := TABLE.match(line):
            table = _parts(header[1])
            found.setdefault(table, (number, header.start(1) + 1))
        elif key := ASSIGNMENT.match(line):
            found.setdefault((*table, *_parts(key[1])), (number, key.start(1) + 1))
    return found


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(PART, key))
