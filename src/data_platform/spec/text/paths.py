"""Paths as callers pass them, and the nearest path to one that does not exist."""

from __future__ import annotations

import os
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path

from data_platform.errors import BadInput
from data_platform.spec.text.names import describe_character, find_nearest, quote_text, quote_value

_SIMILAR = 0.6
_MOST_ENTRIES = 10_000
"""The entries of a folder that are compared with a misspelled name."""


def to_path(value: object, what: str) -> Path:
    """The path, with `~` written out; raises BadInput, about `what`, for what is none."""
    if not isinstance(value, str | Path):
        raise BadInput(f"{what} is a path, and not {quote_value(value)}")
    text = str(value)
    if "\0" in text:
        raise BadInput(f"{what} {quote_text(text)} is no path: it holds the character {describe_character(chr(0))}")
    if not text:
        raise BadInput(f"{what} is empty, and no path")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise BadInput(f"{what} {quote_text(text)} is no path: {error}", hint="write the folder out in full") from None


def is_missing(path: Path) -> bool:
    """Whether there is nothing at the path; False where the disk does not tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def find_near_path(path: Path) -> Path | None:
    """The existing path closest to one that does not exist, each folder of it corrected; None when none is near."""
    if not is_missing(path):
        return path
    folder = find_near_path(path.parent) if path.parent != path else None
    if folder is None:
        return None
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MOST_ENTRIES)]
    except OSError:
        return None
    near = path.name if path.name in names else find_nearest(path.name, names)
    return folder / near if near and _is_similar(path.name, near) else None


def _is_similar(name: str, other: str) -> bool:
    """Whether the names are similar without their suffixes, which make any two files similar."""
    stem, other_stem = (text.lstrip(".").partition(".")[0].casefold() for text in (name, other))
    return SequenceMatcher(None, stem, other_stem).ratio() >= _SIMILAR


def suggest_near_path(path: Path) -> str | None:
    """The hint for a path that does not exist, such as `did you mean orders/product.yaml?`; None without a near one."""
    near = find_near_path(path)
    return f"did you mean {near}?" if near else None
